// SPDX-License-Identifier: MIT
/*
 * Between lwIP and vif.c: frames, the address, and the clock.
 */
#include <stdint.h>
#include <string.h>

#include <lwip/etharp.h>
#include <lwip/init.h>
#include <lwip/netif.h>
#include <lwip/pbuf.h>
#include <lwip/timeouts.h>

#include "clock.h"
#include "ip.h"
#include "port.h"
#include "vif.h"

#define NS_PER_MS	1000000ULL

static struct netif interface;

u32_t sys_now(void)
{
	return clock_system(port_shared()) / NS_PER_MS;
}

/* With a full ring, or without a backend, it is lost, as frames may be. */
static err_t send(struct netif *netif, struct pbuf *p)
{
	static uint8_t frame[VIF_FRAME_MAX];

	(void)netif;
	if (p->tot_len > sizeof(frame))
		return ERR_BUF;
	pbuf_copy_partial(p, frame, p->tot_len, 0);
	vif_send(frame, p->tot_len);
	return ERR_OK;
}

/* Who sent it can still write to it: it is copied before lwIP looks at it. */
void vif_receive(const void *shared, unsigned int size)
{
	struct pbuf *p = pbuf_alloc(PBUF_RAW, size, PBUF_POOL);

	if (!p)
		return;
	pbuf_take(p, shared, size);
	if (interface.input(p, &interface))
		pbuf_free(p);
}

void vif_set_mac(const uint8_t *mac)
{
	memcpy(interface.hwaddr, mac, sizeof(interface.hwaddr));
	netif_set_link_up(&interface);
}

static err_t init(struct netif *netif)
{
	netif->mtu = NOXS_VIF_MAX_MTU_NO_SG;
	netif->hwaddr_len = sizeof(netif->hwaddr);
	netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP |
		       NETIF_FLAG_ETHERNET;
	netif->output = etharp_output;
	netif->linkoutput = send;
	return ERR_OK;
}

bool ip_start(const char *address)
{
	ip4_addr_t ip, mask;

	IP4_ADDR(&mask, 255, 255, 255, 0);
	if (!ip4addr_aton(address, &ip))
		return false;
	lwip_init();
	if (!netif_add(&interface, &ip, &mask, IP4_ADDR_ANY4, NULL, init,
		       netif_input))
		return false;
	netif_set_up(&interface);
	return !vif_start();
}

void ip_wait(void)
{
	uint32_t ms = sys_timeouts_sleeptime();

	port_wait(ms == SYS_TIMEOUTS_SLEEPTIME_INFINITE ? 0 :
		  clock_system(port_shared()) + ms * NS_PER_MS + 1);
	sys_check_timeouts();
}
