/* SPDX-License-Identifier: MIT */
#ifndef VIF_H
#define VIF_H

#include <stdint.h>

#include "../../include/xen/interface/io/noxs.h"

/* From the Ethernet header on. */
#define VIF_FRAME_MAX	(NOXS_VIF_MAX_MTU_NO_SG + 14)

int vif_start(void);
int vif_send(const void *frame, unsigned int size);

/* What the system does with a frame that arrived, and with the address. */
void vif_receive(const void *frame, unsigned int size);
void vif_set_mac(const uint8_t *mac);

#endif /* VIF_H */
