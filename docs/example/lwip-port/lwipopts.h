/* SPDX-License-Identifier: MIT */
/*
 * What the example wants of lwIP: TCP and ping over IPv4, called from one loop, in as
 * little memory as will do.
 *
 * Its numbers of connections begin where anybody can guess. Who can be reached by
 * others defines LWIP_HOOK_TCP_ISN, too.
 */
#ifndef LWIPOPTS_H
#define LWIPOPTS_H

#define NO_SYS			1
#define SYS_LIGHTWEIGHT_PROT	0
#define LWIP_NETCONN		0
#define LWIP_SOCKET		0
#define LWIP_STATS		0

#define LWIP_UDP		0
#define LWIP_RAW		0
#define IP_REASSEMBLY		0
#define IP_FRAG			0

#define MEM_ALIGNMENT		8
#define MEM_SIZE		(16 * 1024)
#define MEMP_NUM_TCP_PCB	16
#define MEMP_NUM_TCP_SEG	32
#define PBUF_POOL_SIZE		32
#define TCP_MSS			1460
#define TCP_WND			(4 * TCP_MSS)
#define TCP_SND_BUF		(2 * TCP_MSS)

#endif /* LWIPOPTS_H */
