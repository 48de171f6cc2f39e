// SPDX-License-Identifier: GPL-2.0
/*
 * Event channels with late EOI. xenbus has the same in one step, but wants a
 * xenbus_device for it.
 *
 * Process context, no locks.
 */
#include <linux/export.h>
#include <linux/interrupt.h>
#include <xen/events.h>
#include <asm/xen/hypercall.h>

#include "core.h"

static void evtchn_close(evtchn_port_t port)
{
	struct evtchn_close close = { .port = port };

	/* Fails only for ports that aren't ours. */
	(void)HYPERVISOR_event_channel_op(EVTCHNOP_close, &close);
}

static int evtchn_attach(evtchn_port_t port, struct noxs_channel *ch,
			 irq_handler_t handler, const char *name, void *arg)
{
	int irq, err;

	irq = bind_evtchn_to_irq_lateeoi(port);
	if (irq < 0) {
		evtchn_close(port);
		return irq;
	}

	/* Events may come from here on; handlers find the channel complete. */
	ch->port = port;
	ch->irq = irq;
	err = request_irq(irq, handler, 0, name, arg);
	if (err) {
		ch->port = 0;
		ch->irq = 0;
		evtchn_put(port);	/* unbinds the irq and closes the port */
		return err;
	}
	return 0;
}

/**
 * noxs_evtchn_alloc() - make a port that another domain can bind
 * @remote: that domain
 * @ch: out: port and interrupt
 * @handler: the interrupt's handler
 * @name: the interrupt's name; must live as long as it does
 * @arg: the handler's argument
 *
 * Return: 0 or -errno
 */
int noxs_evtchn_alloc(domid_t remote, struct noxs_channel *ch,
		      irq_handler_t handler, const char *name, void *arg)
{
	struct evtchn_alloc_unbound alloc = {
		.dom = DOMID_SELF,
		.remote_dom = remote,
	};
	int err;

	err = HYPERVISOR_event_channel_op(EVTCHNOP_alloc_unbound, &alloc);
	if (err)
		return err;
	return evtchn_attach(alloc.port, ch, handler, name, arg);
}

/**
 * noxs_evtchn_bind() - bind a port that another domain made for us
 * @remote: that domain
 * @port: its port
 * @ch: out: our port and interrupt
 * @handler: the interrupt's handler
 * @name: the interrupt's name; must live as long as it does
 * @arg: the handler's argument
 *
 * Return: 0 or -errno
 */
int noxs_evtchn_bind(domid_t remote, evtchn_port_t port,
		     struct noxs_channel *ch, irq_handler_t handler,
		     const char *name, void *arg)
{
	struct evtchn_bind_interdomain bind = {
		.remote_dom = remote,
		.remote_port = port,
	};
	int err;

	err = HYPERVISOR_event_channel_op(EVTCHNOP_bind_interdomain, &bind);
	if (err)
		return err;
	return evtchn_attach(bind.local_port, ch, handler, name, arg);
}

/**
 * noxs_evtchn_virq() - bind an event of Xen's own
 * @virq: which one; one of the domain's, not of a processor's
 * @ch: out: our port and interrupt
 * @handler: the interrupt's handler
 * @name: the interrupt's name; must live as long as it does
 * @arg: the handler's argument
 *
 * Return: 0 or -errno
 */
int noxs_evtchn_virq(u32 virq, struct noxs_channel *ch, irq_handler_t handler,
		     const char *name, void *arg)
{
	struct evtchn_bind_virq bind = { .virq = virq };
	int err;

	err = HYPERVISOR_event_channel_op(EVTCHNOP_bind_virq, &bind);
	if (err)
		return err;
	return evtchn_attach(bind.port, ch, handler, name, arg);
}

/**
 * noxs_channel_alloc() - make an event channel for the other end to bind
 * @ndev: the device
 * @ch: out: port and interrupt; the port goes into our half
 * @handler: the interrupt's handler; may run before this returns
 * @name: the interrupt's name; must live as long as it does
 * @arg: the handler's argument
 *
 * Context: process, may sleep
 * Return: 0 or -errno
 */
int noxs_channel_alloc(struct noxs_device *ndev, struct noxs_channel *ch,
		       irq_handler_t handler, const char *name, void *arg)
{
	return noxs_evtchn_alloc(ndev->otherend, ch, handler, name, arg);
}
EXPORT_SYMBOL_GPL(noxs_channel_alloc);

/**
 * noxs_channel_bind() - bind an event channel of the other end
 * @ndev: the device
 * @ch: out: port and interrupt
 * @remote: the other end's port
 * @handler: the interrupt's handler; may run before this returns, and will
 *	run once in any case
 * @name: the interrupt's name; must live as long as it does
 * @arg: the handler's argument
 *
 * Context: process, may sleep
 * Return: 0 or -errno
 */
int noxs_channel_bind(struct noxs_device *ndev, struct noxs_channel *ch,
		      evtchn_port_t remote, irq_handler_t handler,
		      const char *name, void *arg)
{
	return noxs_evtchn_bind(ndev->otherend, remote, ch, handler, name, arg);
}
EXPORT_SYMBOL_GPL(noxs_channel_bind);

/**
 * noxs_channel_free() - unbind the interrupt and close the port
 * @ch: what noxs_channel_alloc() or noxs_channel_bind() filled in, or zeros
 * @arg: the handler's argument
 *
 * When it returns, the handler has run for the last time.
 *
 * Context: process, may sleep
 */
void noxs_channel_free(struct noxs_channel *ch, void *arg)
{
	if (!ch->port)
		return;
	unbind_from_irqhandler(ch->irq, arg);
	ch->port = 0;
	ch->irq = 0;
}
EXPORT_SYMBOL_GPL(noxs_channel_free);
