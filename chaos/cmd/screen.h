/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_CMD_SCREEN_H
#define CHAOS_CMD_SCREEN_H

#include <stdbool.h>
#include <stdio.h>

struct json_object;

/**
 * enum order - which guests come first
 * @ORDER_CPU: those who use most of a CPU
 * @ORDER_MEMORY: who have most memory
 * @ORDER_NET: through whose network devices most goes
 * @ORDER_DISK: likewise, block devices
 * @ORDER_NAME: by name
 * @ORDER_DOMID: by domid
 */
enum order {
	ORDER_CPU,
	ORDER_MEMORY,
	ORDER_NET,
	ORDER_DISK,
	ORDER_NAME,
	ORDER_DOMID,
};

/**
 * struct screen - what a table of guests has to fit
 * @rows: lines that there are for the heading and for guests
 * @columns: characters of a line
 * @is_tty: it is a terminal: a line ends with what clears the rest of it
 * @order: of the guests
 * @reverse: the other way round
 */
struct screen {
	int rows;
	int columns;
	bool is_tty;
	enum order order;
	bool reverse;
};

/**
 * order_parse() - the order that a word means
 * @word: as in the help
 * @order: out
 *
 * Return: whether it means one.
 */
bool order_parse(const char *word, enum order *order);

/**
 * order_name() - the word for an order
 * @order: the order
 *
 * Return: the word.
 */
const char *order_name(enum order order);

/**
 * screen_key() - change the order, as a key of the keyboard asks for
 * @screen: the screen
 * @key: the key
 *
 * Return: whether it is one that does anything.
 */
bool screen_key(struct screen *screen, char key);

/**
 * screen_line() - print a line, as much of it as fits
 * @out: where to
 * @screen: the screen
 * @text: the line, without a newline
 */
void screen_line(FILE *out, const struct screen *screen, const char *text);

/**
 * screen_guests() - print a line for each guest, and a heading
 * @out: where to
 * @screen: the screen; if it has too few rows, the last one says so
 * @guests: array of objects, with rates (cmd/counts.h)
 */
void screen_guests(FILE *out, const struct screen *screen,
		   struct json_object *guests);

/**
 * guests_in_order() - put guests in order
 * @guests: array of objects, with rates (cmd/counts.h)
 * @order: which one
 * @reverse: the other way round
 *
 * Return: another array of the same guests, to be released with json_object_put(); without
 * memory it is empty.
 */
struct json_object *guests_in_order(struct json_object *guests,
				    enum order order, bool reverse);

#endif /* CHAOS_CMD_SCREEN_H */
