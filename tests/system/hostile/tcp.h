/* SPDX-License-Identifier: GPL-2.0 */
/* TCP packets that hostile ends have the other one cut into segments. */
#ifndef _HOSTILE_TCP_H
#define _HOSTILE_TCP_H

#include <linux/etherdevice.h>
#include <linux/ip.h>
#include <linux/string.h>
#include <linux/tcp.h>

/* As many octets as there can be, in slots that are the same. */
#define GSO_SLOTS	16
#define GSO_SLOT	4080
#define GSO_LEN		(GSO_SLOTS * GSO_SLOT)

/*
 * Packets with all that there must be: one that is good, and some that are to be cut
 * into too many segments, or have headers that are too short.
 */
static const struct {
	u8 ihl;
	u8 doff;
	u16 gso_size;
} tcp_packets[] = {
	{ 5, 5, 1448 },
	{ 5, 5, 1 }, { 5, 5, 31 }, { 4, 5, 1448 }, { 5, 4, 1448 }, { 5, 0, 1448 },
};

/**
 * tcp_headers() - headers of a packet of GSO_LEN octets, to nobody
 * @to: where they go
 * @mac: who is to take it
 * @ihl: length of the IP header, in words, as it says
 * @doff: that of the TCP header
 */
static inline void tcp_headers(void *to, const u8 *mac, u8 ihl, u8 doff)
{
	struct ethhdr *eth = to;
	struct iphdr *ip = (void *)(eth + 1);
	/* Not where the IP header says, if that is wrong. */
	struct tcphdr *tcp = (void *)(ip + 1);

	memset(to, 0, ETH_HLEN + sizeof(*ip) + sizeof(*tcp));
	memcpy(eth->h_dest, mac, ETH_ALEN);
	eth->h_source[0] = 2;
	eth->h_proto = htons(ETH_P_IP);
	ip->version = 4;
	ip->ihl = ihl;
	ip->ttl = 64;
	ip->protocol = IPPROTO_TCP;
	ip->tot_len = htons(GSO_LEN - ETH_HLEN);
	/* For documentation, so that nobody has or routes it. */
	ip->saddr = htonl(0xc0000201);
	ip->daddr = htonl(0xc0000202);
	tcp->doff = doff;
	tcp->ack = 1;
}

#endif /* _HOSTILE_TCP_H */
