// SPDX-License-Identifier: GPL-2.0
/*
 * sizes ADDRESS FIRST LAST STEP - echo packets of many sizes, and compare
 *
 * Sends ICMP echo requests with payloads of FIRST to LAST octets and fails
 * unless each comes back as it was, within a few tries. A lost packet is tried
 * again and counted; a damaged one is an error at once.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define MAX_PACKET	65535
#define TRIES		5
#define TIMEOUT_SECONDS	10

static uint8_t request[MAX_PACKET];
static uint8_t reply[MAX_PACKET];

static uint16_t checksum(const uint8_t *data, size_t size)
{
	uint32_t sum = 0;
	size_t i;

	for (i = 0; i + 1 < size; i += 2)
		sum += data[i] << 8 | data[i + 1];
	if (i < size)
		sum += data[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum & 0xffff);
}

static void make_request(uint16_t id, uint16_t seq, size_t payload)
{
	struct icmphdr *icmp = (struct icmphdr *)request;
	uint32_t noise = seq * 2654435761u + payload;
	size_t i;

	*icmp = (struct icmphdr){
		.type = ICMP_ECHO,
		.un.echo.id = htons(id),
		.un.echo.sequence = htons(seq),
	};
	for (i = 0; i < payload; i++) {
		noise = noise * 1664525u + 1013904223u;
		request[sizeof(*icmp) + i] = noise >> 24;
	}
	icmp->checksum = checksum(request, sizeof(*icmp) + payload);
}

/* Returns whether the answer came; another answer than expected is fatal. */
static int get_reply(int fd, uint16_t id, uint16_t seq, size_t payload)
{
	const struct iphdr *ip = (const struct iphdr *)reply;
	const struct icmphdr *icmp;
	ssize_t size;
	size_t head;

	for (;;) {
		size = recv(fd, reply, sizeof(reply), 0);
		if (size < 0 && errno == EAGAIN)
			return 0;
		if (size < 0)
			err(1, "recv");
		head = ip->ihl * 4;
		icmp = (const struct icmphdr *)(reply + head);
		if ((size_t)size < head + sizeof(*icmp) ||
		    icmp->type != ICMP_ECHOREPLY ||
		    ntohs(icmp->un.echo.id) != id ||
		    ntohs(icmp->un.echo.sequence) != seq)
			continue;
		if ((size_t)size != head + sizeof(*icmp) + payload)
			errx(1, "payload of %zu came back with %zd", payload,
			     size - head - sizeof(*icmp));
		if (memcmp(icmp + 1, request + sizeof(*icmp), payload))
			errx(1, "payload of %zu came back damaged", payload);
		return 1;
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct timeval timeout = { .tv_sec = TIMEOUT_SECONDS };
	int room = 4 * MAX_PACKET;
	unsigned long first, last, step, size;
	unsigned int lost = 0, done = 0;
	uint16_t id = getpid() & 0xffff;
	uint16_t seq = 0;
	int fd, try;

	if (argc != 5 || inet_pton(AF_INET, argv[1], &to.sin_addr) != 1)
		errx(2, "usage: sizes ADDRESS FIRST LAST STEP");
	first = strtoul(argv[2], NULL, 0);
	last = strtoul(argv[3], NULL, 0);
	step = strtoul(argv[4], NULL, 0);
	if (!step || last > MAX_PACKET - sizeof(struct iphdr) -
			    sizeof(struct icmphdr))
		errx(2, "sizes must be below 65508");

	fd = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
	if (fd < 0)
		err(1, "socket");
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout,
		       sizeof(timeout)) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)))
		err(1, "setsockopt");

	for (size = first; size <= last; size += step) {
		for (try = 0; try < TRIES; try++) {
			make_request(id, ++seq, size);
			if (sendto(fd, request, sizeof(struct icmphdr) + size,
				   0, (struct sockaddr *)&to, sizeof(to)) < 0)
				err(1, "sendto %lu", size);
			if (get_reply(fd, id, seq, size))
				break;
			lost++;
		}
		if (try == TRIES)
			errx(1, "no answer to a payload of %lu", size);
		done++;
	}
	printf("%u sizes from %lu to %lu, %u tries lost\n", done, first, last,
	       lost);
	return 0;
}
