// SPDX-License-Identifier: GPL-2.0
/*
 * stub - a PV guest of a few pages that does what it is told
 *
 * A hundred of them are made in the time that Linux takes to boot. It obeys the
 * characters of its command line, then those that come from its console:
 *
 *	p	shut down
 *	r	ask to be started again
 *	c	crash
 *	f	print without end, as fast as it can
 *
 * and prints the others. In between it sleeps.
 */
/* Else the numbers of hypercalls are those of Xen 3. */
#define __XEN_INTERFACE_VERSION__	__XEN_LATEST_INTERFACE_VERSION__

#include <stdint.h>
#include <xen/xen.h>

#include <xen/event_channel.h>
#include <xen/io/console.h>
#include <xen/sched.h>

#include "../../docs/example/start.h"

#define PAGE_SIZE	4096
#define PTE		7	/* present, writable, the guest's */

/* Replaced by the page that Xen shares with us. */
static char shared_page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static struct shared_info *const shared = (struct shared_info *)shared_page;
static struct xencons_interface *console;
static evtchn_port_t port;

static void notify(void)
{
	struct evtchn_send send = { .port = port };

	hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_send, (long)&send, 0);
}

/* Until an event comes; the host sends one for input, and for room. */
static void sleep(void)
{
	struct sched_poll poll = { .nr_ports = 1 };

	set_xen_guest_handle(poll.ports, &port);
	hypercall(__HYPERVISOR_sched_op, SCHEDOP_poll, (long)&poll, 0);
	__atomic_fetch_and(&shared->evtchn_pending[port / 64],
			   ~(1UL << port % 64), __ATOMIC_SEQ_CST);
}

static void print(char c)
{
	uint32_t prod = console->out_prod;

	while (prod - __atomic_load_n(&console->out_cons, __ATOMIC_ACQUIRE) >=
	       sizeof(console->out))
		sleep();
	console->out[prod % sizeof(console->out)] = c;
	__atomic_store_n(&console->out_prod, prod + 1, __ATOMIC_RELEASE);
}

static void shut_down(unsigned int reason)
{
	struct sched_shutdown shutdown = { .reason = reason };

	hypercall(__HYPERVISOR_sched_op, SCHEDOP_shutdown, (long)&shutdown, 0);
}

static void flood(void)
{
	unsigned int line, i;

	for (line = 0;; line++) {
		for (i = 0; i < 62; i++)
			print('a' + (line + i) % 26);
		print('\r');
		print('\n');
		notify();
	}
}

static void obey(char c)
{
	switch (c) {
	case 'p':
		shut_down(SHUTDOWN_poweroff);
		break;
	case 'r':
		shut_down(SHUTDOWN_reboot);
		break;
	case 'c':
		shut_down(SHUTDOWN_crash);
		break;
	case 'f':
		flood();
		break;
	default:
		print(c);
		notify();
	}
}

static void read_console(void)
{
	uint32_t cons = console->in_cons;
	char c;

	while (cons != __atomic_load_n(&console->in_prod, __ATOMIC_ACQUIRE)) {
		c = console->in[cons++ % sizeof(console->in)];
		__atomic_store_n(&console->in_cons, cons, __ATOMIC_RELEASE);
		notify();
		obey(c);
	}
}

void guest_run(struct start_info *info)
{
	const char *c;

	/* The builder puts XenStore's page after ours, and the console's next. */
	console = (void *)((char *)info + 2 * PAGE_SIZE);
	port = info->console.domU.evtchn;
	hypercall(__HYPERVISOR_update_va_mapping, (long)shared_page,
		  info->shared_info | PTE, UVMF_INVLPG);
	for (c = "stub\r\n"; *c; c++)
		print(*c);
	notify();
	for (c = (const char *)info->cmd_line; *c; c++)
		obey(*c);
	for (;;) {
		read_console();
		sleep();
	}
}
