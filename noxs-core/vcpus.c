// SPDX-License-Identifier: GPL-2.0
/*
 * A guest has as many of its virtual CPUs online as its host says: the first ones, as
 * far as the kernel can. The first of all always is.
 *
 * That takes time, and what an administrator may do in the guest can hold it up. So it
 * has a work item of its own, which begins once a second at most: the kernel has a line
 * in its log for each CPU that comes or goes, however often the host changes its mind.
 */
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/device.h>
#include <linux/jiffies.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>

#include "core.h"

static void vcpus_work(struct work_struct *work);
static DECLARE_DELAYED_WORK(noxs_vcpus_work, vcpus_work);

/* Protects what follows it, in process context. */
static DEFINE_MUTEX(noxs_vcpus_lock);
/* How many are to be online. */
static u32 target;
/* Who said so, with a reference; NULL once the work has begun. */
static struct noxs_device *teller;
/* In jiffies: when the work may begin again. */
static unsigned long not_before = INITIAL_JIFFIES;

/* One that doesn't go, or come, is left as it is: others may do. */
static void reach(u32 vcpus)
{
	unsigned int cpu;

	for (cpu = nr_cpu_ids; --cpu && num_online_cpus() > vcpus;)
		if (cpu_online(cpu))
			(void)remove_cpu(cpu);
	for (cpu = 1; cpu < nr_cpu_ids && num_online_cpus() < vcpus; cpu++)
		if (get_cpu_device(cpu) && !cpu_online(cpu))
			(void)add_cpu(cpu);
}

static void vcpus_work(struct work_struct *work)
{
	struct noxs_device *ndev;
	u32 vcpus;

	mutex_lock(&noxs_vcpus_lock);
	not_before = jiffies + HZ;
	ndev = teller;
	teller = NULL;
	vcpus = target;
	mutex_unlock(&noxs_vcpus_lock);
	/* It was told twice, and the second time before it looked. */
	if (!ndev)
		return;
	reach(vcpus);
	noxs_sysctl_vcpus_done(ndev);
	put_device(&ndev->dev);
}

/**
 * noxs_vcpus_set() - have a number of virtual CPUs online, by and by
 * @ndev: who says so; is told how many there are then, by noxs_sysctl_vcpus_done()
 * @vcpus: how many
 */
void noxs_vcpus_set(struct noxs_device *ndev, u32 vcpus)
{
	unsigned long delay = 0;

	mutex_lock(&noxs_vcpus_lock);
	target = vcpus;
	if (teller != ndev) {
		if (teller)
			put_device(&teller->dev);
		get_device(&ndev->dev);
		teller = ndev;
	}
	if (time_before(jiffies, not_before))
		delay = not_before - jiffies;
	queue_delayed_work(noxs_hotplug_wq, &noxs_vcpus_work, delay);
	mutex_unlock(&noxs_vcpus_lock);
}

/** noxs_vcpus_stop() - leave them as they are; nobody says anything any more */
void noxs_vcpus_stop(void)
{
	cancel_delayed_work_sync(&noxs_vcpus_work);
	if (teller)
		put_device(&teller->dev);
	teller = NULL;
}
