// SPDX-License-Identifier: GPL-2.0
/*
 * What a queue has that all other files use: its event channels, and the way in
 * which its vif ends when the guest does what it must not. Calls none of them.
 *
 * Each event gets one EOI, after its work; the channel of a broken peer gets
 * none, and so no more events.
 */
#include <linux/interrupt.h>
#include <linux/printk.h>
#include <xen/events.h>

#include "netback.h"

/**
 * netback_fatal() - stop the data path of a vif at once
 * @nb: the vif; noxs_core disconnects it later
 * @err: -errno for the guest
 * @fmt: what it did
 *
 * Context: any
 */
void netback_fatal(struct netback *nb, int err, const char *fmt, ...)
{
	struct va_format vaf = { .fmt = fmt };
	va_list args;

	if (xchg(&nb->broken, true))
		return;
	va_start(args, fmt);
	vaf.va = &args;
	noxs_dev_fatal(nb->ndev, err, "%pV", &vaf);
	va_end(args);
}

/* The other end wants us to look at its rings. */
static irqreturn_t interrupt(int irq, void *arg)
{
	struct netback_channel *channel = arg;

	if (netback_is_broken(channel->queue->nb))
		return IRQ_HANDLED;

	WRITE_ONCE(channel->pending, true);
	napi_schedule(&channel->queue->napi);
	return IRQ_HANDLED;
}

static int bind_channel(struct netback_queue *queue,
			struct netback_channel *channel, evtchn_port_t remote,
			const char *suffix)
{
	snprintf(channel->name, sizeof(channel->name), "%s-q%u%s",
		 queue->nb->dev->name, queue->id, suffix);
	channel->queue = queue;
	return noxs_channel_bind(queue->nb->ndev, &channel->ch, remote,
				 interrupt, channel->name, channel);
}

/**
 * netback_channels_bind() - bind the event channels of a queue
 * @queue: the queue, with its NAPI
 * @fe: what the frontend says of it, checked
 *
 * Context: process
 * Return: 0 or -errno
 */
int netback_channels_bind(struct netback_queue *queue,
			  const struct noxs_vif_queue *fe)
{
	int err;

	if (fe->tx_evtchn == fe->rx_evtchn)
		return bind_channel(queue, &queue->tx_ch, fe->tx_evtchn, "");

	err = bind_channel(queue, &queue->tx_ch, fe->tx_evtchn, "-tx");
	if (err)
		return err;
	err = bind_channel(queue, &queue->rx_ch, fe->rx_evtchn, "-rx");
	if (err)
		noxs_channel_free(&queue->tx_ch.ch, &queue->tx_ch);
	return err;
}

/**
 * netback_channels_free() - let no event come any more
 * @queue: the queue, whose NAPI is off
 *
 * Context: process
 */
void netback_channels_free(struct netback_queue *queue)
{
	noxs_channel_free(&queue->rx_ch.ch, &queue->rx_ch);
	noxs_channel_free(&queue->tx_ch.ch, &queue->tx_ch);
}

/**
 * netback_event_end() - let the next event come; exactly once for each
 * @channel: the event channel, with an event whose work is done
 *
 * Context: NAPI
 */
void netback_event_end(struct netback_channel *channel)
{
	unsigned int flags = channel->work ? 0 : XEN_EOI_FLAG_SPURIOUS;

	channel->work = false;
	WRITE_ONCE(channel->pending, false);
	xen_irq_lateeoi(channel->ch.irq, flags);
}
