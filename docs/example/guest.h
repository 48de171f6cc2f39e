/* SPDX-License-Identifier: MIT */
/*
 * What port.c leaves to pv.c and pvh.c: where the two types of guests differ.
 */
#ifndef GUEST_H
#define GUEST_H

#include <stdbool.h>

#define PAGE_SIZE	4096

/**
 * struct guest_type - how a type of guest deals with its memory
 * @map_shared: put the page that Xen shares with the guest in the place of @page
 * @map_grants: put @nr pages of the grant table in the place of @pages
 * @frame_of: the number by which Xen and other domains know a page
 * @take_away: have nothing in the place of @page, so that a grant can be mapped there
 * @put_back: have a page of the guest's own there again
 * @get_devpage: put the device page that Xen keeps where @page was taken away, if it
 *	keeps one
 * @leave_devpage: take that away
 */
struct guest_type {
	bool (*map_shared)(void *page);
	bool (*map_grants)(void *pages, unsigned int nr);
	unsigned long (*frame_of)(const void *page);
	bool (*take_away)(void *page);
	bool (*put_back)(void *page);
	bool (*get_devpage)(void *page);
	bool (*leave_devpage)(void *page);
};

/* What the guest does, from beginning to end. */
void guest_main(const struct guest_type *type, const char *cmdline);

#endif /* GUEST_H */
