/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints of noxs: the life of devices. They are the instrument that the
 * benchmarks read and the ledger of what was made and removed.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM noxs

#if !defined(_TRACE_NOXS_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_NOXS_H

#include <linux/tracepoint.h>
#include <xen/noxs.h>

#define show_noxs_type(type)					\
	__print_symbolic(type,					\
			 { NOXS_TYPE_SYSCTL, "sysctl" },	\
			 { NOXS_TYPE_VIF, "vif" },		\
			 { NOXS_TYPE_VBD, "vbd" })

#define show_noxs_state(state)					\
	__print_symbolic(state,					\
			 { NOXS_STATE_UNKNOWN, "Unknown" },	\
			 { NOXS_STATE_INITIALISING, "Initialising" }, \
			 { NOXS_STATE_INIT_WAIT, "InitWait" },	\
			 { NOXS_STATE_CONNECTED, "Connected" },	\
			 { NOXS_STATE_CLOSING, "Closing" },	\
			 { NOXS_STATE_CLOSED, "Closed" })

DECLARE_EVENT_CLASS(noxs_device,
	TP_PROTO(const struct noxs_device *ndev),
	TP_ARGS(ndev),
	TP_STRUCT__entry(
		__field(bool, backend)
		__field(u16, otherend)
		__field(u16, type)
		__field(u32, id)
		__field(u32, generation)
	),
	TP_fast_assign(
		__entry->backend = ndev->is_backend;
		__entry->otherend = ndev->otherend;
		__entry->type = ndev->type;
		__entry->id = ndev->id;
		__entry->generation = ndev->generation;
	),
	TP_printk("%s %s %u otherend %u generation %u",
		  __entry->backend ? "backend" : "frontend",
		  show_noxs_type(__entry->type), __entry->id,
		  __entry->otherend, __entry->generation)
);

/* A device was made. */
DEFINE_EVENT(noxs_device, noxs_dev_add,
	TP_PROTO(const struct noxs_device *ndev), TP_ARGS(ndev));

/* A device is gone; each noxs_dev_add has one of these. */
DEFINE_EVENT(noxs_device, noxs_dev_del,
	TP_PROTO(const struct noxs_device *ndev), TP_ARGS(ndev));

/* The driver's data path is up. */
DEFINE_EVENT(noxs_device, noxs_connect,
	TP_PROTO(const struct noxs_device *ndev), TP_ARGS(ndev));

/* The driver's data path is down; each noxs_connect has one of these. */
DEFINE_EVENT(noxs_device, noxs_disconnect,
	TP_PROTO(const struct noxs_device *ndev), TP_ARGS(ndev));

/* We sent an event through the control channel. */
DEFINE_EVENT(noxs_device, noxs_notify,
	TP_PROTO(const struct noxs_device *ndev), TP_ARGS(ndev));

/* An event came through the control channel. */
DEFINE_EVENT(noxs_device, noxs_evtchn,
	TP_PROTO(const struct noxs_device *ndev), TP_ARGS(ndev));

/* One end's state is another one; the peer's as we saw it. */
TRACE_EVENT(noxs_state,
	TP_PROTO(const struct noxs_device *ndev, bool peer, u32 old, u32 new),
	TP_ARGS(ndev, peer, old, new),
	TP_STRUCT__entry(
		__field(bool, backend)
		__field(bool, peer)
		__field(u16, otherend)
		__field(u16, type)
		__field(u32, id)
		__field(u32, old)
		__field(u32, new)
	),
	TP_fast_assign(
		__entry->backend = ndev->is_backend;
		__entry->peer = peer;
		__entry->otherend = ndev->otherend;
		__entry->type = ndev->type;
		__entry->id = ndev->id;
		__entry->old = old;
		__entry->new = new;
	),
	TP_printk("%s %s %u otherend %u %s: %s -> %s",
		  __entry->backend ? "backend" : "frontend",
		  show_noxs_type(__entry->type), __entry->id,
		  __entry->otherend, __entry->peer ? "peer" : "own",
		  show_noxs_state(__entry->old), show_noxs_state(__entry->new))
);

#endif /* _TRACE_NOXS_H */

#include <trace/define_trace.h>
