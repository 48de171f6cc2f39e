// SPDX-License-Identifier: GPL-2.0
/*
 * What a queue has that all other files use: its event channels, and the way in
 * which it ends when the backend breaks the protocol. Calls none of them.
 *
 * Each event gets one EOI, and stays masked until then: after its work, or when
 * there was none, marked as spurious, so that a backend that only makes noise is
 * slowed down (XSA-391). Work that was found before its event came counts for
 * that event.
 */
#include <linux/interrupt.h>
#include <xen/events.h>

#include "netfront.h"

/**
 * netfront_break() - give up on a backend that broke the protocol
 * @queue: where
 * @why: how
 *
 * From here on the rings are left alone, and their events stay masked, until
 * the core has called disconnect.
 *
 * Context: any
 */
void netfront_break(struct netfront_queue *queue, const char *why)
{
	struct netfront *np = queue->np;

	if (!test_and_set_bit(0, &np->broken))
		noxs_dev_fatal(np->ndev, -EPROTO, "queue %u: %s", queue->id,
			       why);
}

static irqreturn_t interrupt(int irq, void *arg)
{
	struct netfront_event *event = arg;
	struct netfront_queue *queue = event->queue;

	set_bit(NETFRONT_PENDING, &event->state);
	/*
	 * Often both events come at once. NAPI would poll twice for them, though it
	 * sees both when it begins.
	 */
	if (!test_and_set_bit(0, &queue->scheduled))
		napi_schedule(&queue->napi);
	return IRQ_HANDLED;
}

/**
 * netfront_events_create() - allocate the event channels of a queue
 * @queue: the queue
 *
 * Context: process
 * Return: 0 or -errno
 */
int netfront_events_create(struct netfront_queue *queue)
{
	struct noxs_device *ndev = queue->np->ndev;
	bool split = noxs_has_feature(ndev, NOXS_VIF_F_SPLIT_EVTCHN);
	struct netfront_event *event;
	unsigned int i;
	int err;

	for (i = 0; i <= split; i++) {
		event = &queue->event[i];
		event->queue = queue;
		event->state = 0;
		event->due = false;
		snprintf(event->name, sizeof(event->name), "%s-q%u%s",
			 dev_name(&ndev->dev), queue->id,
			 !split ? "" : i ? "-rx" : "-tx");
		err = noxs_channel_alloc(ndev, &event->ch, interrupt,
					 event->name, event);
		if (err)
			goto err_free_channels;
	}
	queue->tx_event = &queue->event[0];
	queue->rx_event = &queue->event[split];
	return 0;

err_free_channels:
	while (i--)
		noxs_channel_free(&queue->event[i].ch, &queue->event[i]);
	return err;
}

/**
 * netfront_events_destroy() - close the event channels of a queue
 * @queue: the queue, whose NAPI is off
 *
 * Context: process
 */
void netfront_events_destroy(struct netfront_queue *queue)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(queue->event); i++)
		noxs_channel_free(&queue->event[i].ch, &queue->event[i]);
}

/**
 * netfront_event_begin() - begin the work that an event asks for
 * @event: the event channel
 *
 * Context: NAPI
 */
void netfront_event_begin(struct netfront_event *event)
{
	if (test_and_clear_bit(NETFRONT_PENDING, &event->state))
		event->due = true;
}

/**
 * netfront_event_end() - let the next event come
 * @event: the event channel, whose work is done
 *
 * Context: NAPI
 */
void netfront_event_end(struct netfront_event *event)
{
	if (!event->due)
		return;
	event->due = false;
	xen_irq_lateeoi(event->ch.irq,
			test_and_clear_bit(NETFRONT_WORKED, &event->state) ?
			0 : XEN_EOI_FLAG_SPURIOUS);
}
