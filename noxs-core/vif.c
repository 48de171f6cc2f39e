// SPDX-License-Identifier: GPL-2.0
/*
 * Tells whether what an end of a vif says of a GSO packet can be used. Each end
 * sends such packets to the other, which distrusts them in the same way.
 *
 * Works on private copies only, takes no lock, and needs nothing of the kernel,
 * so that tests/unit and tests/fuzz build this very file.
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/types.h>
#include <xen/interface/io/noxs.h>
#include <xen/noxs-vif.h>

/* GSO_BY_FRAGS of linux/skbuff.h: to the network layer this is no size. */
#define VIF_GSO_BY_FRAGS	0xffff

/*
 * Most segments of a GSO packet. Who claims to send 64 KiB one octet at a time
 * would have us make as many packets at once. The smallest payload in Linux's
 * TCP, 36 octets after timestamps, stays below this.
 */
#define VIF_MAX_SEGS		2048U

/* Octets of a TCP header without options. */
#define VIF_TCP_HEADER		20U

/**
 * noxs_vif_check_gso() - check what is said about a packet
 * @extra: copy of the extra info
 * @features: NOXS_VIF_F_* that both ends accepted
 *
 * GSO is the only extra of a noxs vif. So there is at most one, and none comes
 * after it, but that is the ring's reader to check.
 *
 * Return: 0; -EOPNOTSUPP for what wasn't accepted; -EINVAL for anything else
 */
int noxs_vif_check_gso(const struct xen_netif_extra_info *extra, u32 features)
{
	u32 needs;

	if (extra->type != XEN_NETIF_EXTRA_TYPE_GSO)
		return -EOPNOTSUPP;
	if (extra->u.gso.features)
		return -EINVAL;
	if (!extra->u.gso.size || extra->u.gso.size == VIF_GSO_BY_FRAGS)
		return -EINVAL;

	switch (extra->u.gso.type) {
	case XEN_NETIF_GSO_TYPE_TCPV4:
		needs = NOXS_VIF_F_TSO_V4;
		break;
	case XEN_NETIF_GSO_TYPE_TCPV6:
		needs = NOXS_VIF_F_TSO_V6;
		break;
	default:
		return -EINVAL;
	}
	return features & needs ? 0 : -EOPNOTSUPP;
}
EXPORT_SYMBOL_GPL(noxs_vif_check_gso);

/**
 * noxs_vif_count_segs() - check how a TCP packet is to be cut into segments
 * @len: octets of the packet
 * @tcp_offset: where in it the TCP header begins
 * @tcp_len: how long that says it is
 * @gso_size: largest payload of a segment, not 0
 *
 * Return: how many segments it makes, or -EPROTO if there is no payload, or too
 * little of it in each
 */
int noxs_vif_count_segs(unsigned int len, unsigned int tcp_offset,
			unsigned int tcp_len, u16 gso_size)
{
	unsigned int headers = tcp_offset + tcp_len;
	unsigned int segs;

	if (tcp_len < VIF_TCP_HEADER || headers >= len)
		return -EPROTO;
	segs = (len - headers + gso_size - 1) / gso_size;
	return segs > VIF_MAX_SEGS ? -EPROTO : (int)segs;
}
EXPORT_SYMBOL_GPL(noxs_vif_count_segs);
