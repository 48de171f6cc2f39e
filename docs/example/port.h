/* SPDX-License-Identifier: MIT */
/*
 * What frontends need of the unikernel. Each of these is a few lines around a
 * hypercall, and most systems have them under another name. port.c has them for
 * a PV or PVH guest.
 */
#ifndef PORT_H
#define PORT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The device page of a Xen that keeps it, HYPERVISOR_memory_op(XENMEM_noxs), mapped
 * for reading; or NULL, which is no error: then the handle says where it is.
 */
void *port_devpage(void);
void port_devpage_put(void *page);

/* HYPERVISOR_xen_version(XENVER_guest_handle): 16 octets; 0 or -errno. */
int port_handle(uint8_t *handle);

/* A page, all zero, or NULL. */
void *port_page(void);
void port_page_free(void *page);

/* Map a page that another domain grants, GNTTABOP_map_grant_ref, or NULL. */
void *port_map(uint16_t domid, uint32_t gref, bool readonly);
void port_unmap(void *page);

/*
 * Grant a page to another domain, for reading and writing; 0 if no grant is left.
 * While the other domain has the page mapped, the grant does not end: the page
 * must then not be used again.
 */
uint32_t port_grant(uint16_t domid, void *page);
bool port_grant_end(uint32_t gref);

/*
 * Event channels, their events delivered to look(data): one of our own for the
 * other domain to bind, and the binding of one of another domain's. Both give
 * our port, and 0 when there is none to be had.
 */
uint32_t port_listen(uint16_t domid, void (*look)(void *data), void *data);
uint32_t port_bind(uint16_t domid, uint32_t port, void (*look)(void *data),
		   void *data);
void port_close(uint32_t port);
void port_notify(uint32_t port);

/*
 * What frontends do not need, but port.c's guests: to be called first; to wait for an
 * event and deliver it, or for a time, in nanoseconds of clock_system(), if that isn't
 * 0; the page that Xen shares with us; and to give up.
 */
struct guest_type;
struct shared_info;

bool port_start(const struct guest_type *type);
void port_wait(uint64_t until);
const struct shared_info *port_shared(void);
void port_end(void);

#endif /* PORT_H */
