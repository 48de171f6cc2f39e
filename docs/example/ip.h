/* SPDX-License-Identifier: MIT */
/*
 * lwIP on the guest's vif.
 */
#ifndef IP_H
#define IP_H

#include <stdbool.h>

/* With this address, a.b.c.d, in a network of 24 bits. */
bool ip_start(const char *address);

/* Wait for an event, or for a timer of lwIP's, and see to it. */
void ip_wait(void);

#endif /* IP_H */
