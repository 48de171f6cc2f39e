// SPDX-License-Identifier: MIT
/*
 * pong - a guest that answers ARP and ping, and does nothing else
 *
 * Its IPv4 address is what follows "ip=" on its command line.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "guest.h"
#include "port.h"
#include "vif.h"

/* Where things are in a frame, RFC 826, 791 and 792. */
enum {
	ETH_TO = 0, ETH_FROM = 6, ETH_TYPE = 12, ETH_SIZE = 14,
	ARP_OP = ETH_SIZE + 6, ARP_FROM = ETH_SIZE + 8, ARP_TO = ETH_SIZE + 18,
	ARP_SIZE = ETH_SIZE + 28,
	IP_VERSION = ETH_SIZE, IP_PROTOCOL = ETH_SIZE + 9,
	IP_FROM = ETH_SIZE + 12, IP_TO = ETH_SIZE + 16, IP_SIZE = ETH_SIZE + 20,
	ICMP_TYPE = IP_SIZE, ICMP_CHECKSUM = IP_SIZE + 2, ICMP_SIZE = IP_SIZE + 8,
};

static uint8_t my_mac[6], my_ip[4];

void vif_set_mac(const uint8_t *mac)
{
	memcpy(my_mac, mac, sizeof(my_mac));
}

static unsigned int get16(const uint8_t *at)
{
	return at[0] << 8 | at[1];
}

static void put16(uint8_t *at, unsigned int value)
{
	at[0] = value >> 8;
	at[1] = value;
}

/* The frame goes back to where it came from. */
static void reply(uint8_t *frame, unsigned int size)
{
	memcpy(frame + ETH_TO, frame + ETH_FROM, 6);
	memcpy(frame + ETH_FROM, my_mac, 6);
	/* With a full ring it is lost, as frames may be. */
	vif_send(frame, size);
}

static void answer_arp(uint8_t *frame, unsigned int size)
{
	if (size < ARP_SIZE || get16(frame + ARP_OP) != 1 ||
	    memcmp(frame + ARP_TO + 6, my_ip, 4))
		return;
	put16(frame + ARP_OP, 2);
	memcpy(frame + ARP_TO, frame + ARP_FROM, 10);
	memcpy(frame + ARP_FROM, my_mac, 6);
	memcpy(frame + ARP_FROM + 6, my_ip, 4);
	reply(frame, ARP_SIZE);
}

/* An echo request becomes a reply: its checksum changes as its type does. */
static void answer_ping(uint8_t *frame, unsigned int size)
{
	unsigned int sum;

	if (size < ICMP_SIZE || frame[IP_VERSION] != 0x45 ||
	    frame[IP_PROTOCOL] != 1 || frame[ICMP_TYPE] != 8 ||
	    memcmp(frame + IP_TO, my_ip, 4))
		return;
	memcpy(frame + IP_TO, frame + IP_FROM, 4);
	memcpy(frame + IP_FROM, my_ip, 4);
	frame[ICMP_TYPE] = 0;
	sum = get16(frame + ICMP_CHECKSUM) + 0x800;
	put16(frame + ICMP_CHECKSUM, sum + (sum >> 16));
	reply(frame, size);
}

/* Who sent it can still write to it: it is copied before it is looked at. */
void vif_receive(const void *shared, unsigned int size)
{
	static uint8_t frame[VIF_FRAME_MAX];

	if (size < ETH_SIZE || size > sizeof(frame))
		return;
	memcpy(frame, shared, size);
	switch (get16(frame + ETH_TYPE)) {
	case 0x806:
		answer_arp(frame, size);
		break;
	case 0x800:
		answer_ping(frame, size);
		break;
	}
}

static bool read_address(const char *words)
{
	unsigned int octet, i;

	if (memcmp(words, "ip=", 3))
		return false;
	words += 3;
	for (i = 0; i < sizeof(my_ip); i++) {
		for (octet = 0; *words >= '0' && *words <= '9'; words++)
			octet = octet * 10 + *words - '0';
		if (octet > 255 || (i < 3 && *words++ != '.'))
			return false;
		my_ip[i] = octet;
	}
	return true;
}

void guest_main(const struct guest_type *type, const char *cmdline)
{
	if (!read_address(cmdline) || !port_start(type) || vif_start())
		port_end();
	for (;;)
		port_wait(0);
}
