// SPDX-License-Identifier: GPL-2.0
/*
 * noxs_age: makes this kernel's end of every device look like that of a kernel
 * that is newer or older. For tests only.
 *
 * What noxs_core publishes, device pages and halves of control pages, is laid out
 * anew right after it: each structure with something behind it that nobody knows
 * yet, or no longer than the least that there is. What the drivers do stays what
 * it is: so the two ends should get along as before.
 */
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/string.h>

#include "../../../noxs-core/core.h"
#include "../../../noxs-core/seqcopy.h"

/* Octets that each structure of a newer kernel has more than ours. */
#define MORE	8
/* Slots that are as long as that: all that the page has place for. */
#define SLOTS	100

static bool longer;
module_param(longer, bool, 0444);
MODULE_PARM_DESC(longer, "Be newer, not older");

static unsigned int pages;
module_param(pages, uint, 0444);
MODULE_PARM_DESC(pages, "Device pages that were laid out anew");

static unsigned int halves;
module_param(halves, uint, 0444);
MODULE_PARM_DESC(halves, "Halves of control pages that were laid out anew");

static size_t another(size_t known, size_t min)
{
	return longer ? known + MORE : min;
}

/* What is to be where @from is now, and nobody knows what follows it. */
static void move(u8 *to, const u8 *from, size_t known, size_t now)
{
	memmove(to, from, min(known, now));
	if (now > known)
		memset(to + known, 0xff, now - known);
}

/*
 * Move @nr entries, then what precedes them. In this order nothing is written over
 * before it was read: longer ones move away from the start, the last one first.
 */
static void move_all(u8 *to, const u8 *from, size_t head, size_t new_head,
		     size_t entry, size_t new_entry, unsigned int nr)
{
	unsigned int i;

	if (!longer)
		move(to, from, head, new_head);
	for (i = 0; i < nr; i++) {
		unsigned int n = longer ? nr - 1 - i : i;

		move(to + new_head + n * new_entry, from + head + n * entry,
		     entry, new_entry);
	}
	if (longer)
		move(to, from, head, new_head);
}

static void age_devpage(struct noxs_devpage *page)
{
	size_t slot = another(sizeof(struct noxs_slot), NOXS_SLOT_MIN);
	size_t head = another(sizeof(page->hdr), NOXS_DEVPAGE_HEADER_MIN);
	unsigned int nr = longer ? SLOTS : NOXS_DEVPAGE_SLOTS;

	move_all((u8 *)page, (u8 *)page, sizeof(page->hdr), head,
		 sizeof(struct noxs_slot), slot, nr);
	memset((u8 *)page + head + nr * slot, 0,
	       sizeof(*page) - head - nr * slot);
	page->hdr.nr_slots = nr;
	page->hdr.size = head;
	page->hdr.slot_size = slot;
	pages++;
}

/* A payload without queues. */
static size_t age_plain(u8 *to, const struct noxs_half *half, size_t min)
{
	size_t known = half->hdr.payload_size;
	size_t now = another(known, min);

	move(to, half->payload, known, now);
	return now;
}

static size_t age_queues(u8 *to, const struct noxs_half *half, size_t known_head,
			 size_t min_head, size_t known_queue, size_t min_queue,
			 unsigned int nr, size_t lengths_at)
{
	u16 head = another(known_head, min_head);
	u16 queue = another(known_queue, min_queue);

	move_all(to, half->payload, known_head, head, known_queue, queue, nr);
	memcpy(to + lengths_at, &head, sizeof(head));
	memcpy(to + lengths_at + sizeof(head), &queue, sizeof(queue));
	return head + nr * queue;
}

static size_t age_payload(u8 *to, const struct noxs_half *half, bool backend)
{
	const struct noxs_vif_frontend *vif = &half->vif_frontend;
	const struct noxs_vbd_frontend *vbd = &half->vbd_frontend;

	switch (half->hdr.type) {
	case NOXS_TYPE_VIF:
		if (backend)
			return age_plain(to, half, NOXS_VIF_BACKEND_MIN);
		return age_queues(to, half, offsetof(typeof(*vif), queue),
				  NOXS_VIF_FRONTEND_MIN, sizeof(vif->queue[0]),
				  NOXS_VIF_QUEUE_MIN, vif->nr_queues,
				  offsetof(typeof(*vif), queue_offset));
	case NOXS_TYPE_VBD:
		if (backend)
			return age_plain(to, half, NOXS_VBD_BACKEND_MIN);
		return age_queues(to, half, offsetof(typeof(*vbd), queue),
				  NOXS_VBD_FRONTEND_MIN, sizeof(vbd->queue[0]),
				  NOXS_VBD_QUEUE_MIN, vbd->nr_queues,
				  offsetof(typeof(*vbd), queue_offset));
	default:
		return age_plain(to, half, backend ? NOXS_SYSCTL_BACKEND_MIN :
						     NOXS_SYSCTL_FRONTEND_MIN);
	}
}

static void age_half(struct noxs_half *half)
{
	bool backend = !((unsigned long)half & NOXS_HALF_SIZE);
	u8 *start = (u8 *)half;
	size_t hdr = another(sizeof(half->hdr), NOXS_HALF_HEADER_MIN);
	size_t size;

	size = age_payload(start + hdr, half, backend);
	memset(start + sizeof(half->hdr), 0xff, hdr - sizeof(half->hdr));
	memset(start + hdr + size, 0, sizeof(*half) - hdr - size);
	half->hdr.size = hdr;
	half->hdr.payload_size = size;
	halves++;
}

/* struct noxs_devpage or struct noxs_half, the first argument of both. */
static int remember(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	*(void **)ri->data = (void *)regs_get_kernel_argument(regs, 0);
	return 0;
}

/*
 * The other end isn't told of what was published before we have finished: its event
 * comes later. Should it look nevertheless, the count is odd.
 */
static u32 age_begin(u32 *seq)
{
	u32 even = READ_ONCE(*seq);

	noxs_seq_begin(seq, even);
	return even;
}

static void age_end(u32 *seq, u32 even)
{
	/* It stays the number that the core remembers. */
	noxs_seq_end(seq, even - 2);
}

static int devpage_published(struct kretprobe_instance *ri,
			     struct pt_regs *regs)
{
	struct noxs_devpage *page = *(struct noxs_devpage **)ri->data;
	u32 seq = age_begin(&page->hdr.seq);

	age_devpage(page);
	age_end(&page->hdr.seq, seq);
	return 0;
}

static int half_published(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct noxs_half *half = *(struct noxs_half **)ri->data;
	u32 seq = age_begin(&half->hdr.seq);

	age_half(half);
	age_end(&half->hdr.seq, seq);
	return 0;
}

static struct kretprobe devpage_probe = {
	.kp.symbol_name = "noxs_devpage_publish",
	.entry_handler = remember,
	.handler = devpage_published,
	.data_size = sizeof(void *),
};

static struct kretprobe half_probe = {
	.kp.symbol_name = "noxs_half_publish",
	.entry_handler = remember,
	.handler = half_published,
	.data_size = sizeof(void *),
};

static struct kretprobe *probes[] = { &devpage_probe, &half_probe };

static int __init age_init(void)
{
	return register_kretprobes(probes, ARRAY_SIZE(probes));
}
module_init(age_init);

static void __exit age_exit(void)
{
	unregister_kretprobes(probes, ARRAY_SIZE(probes));
}
module_exit(age_exit);

MODULE_DESCRIPTION("Makes one end of noxs' devices look newer, or older");
MODULE_LICENSE("GPL");
