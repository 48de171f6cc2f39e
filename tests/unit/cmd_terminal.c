// SPDX-License-Identifier: GPL-2.0
/*
 * chaos/cmd/terminal.c: whoever is at the terminal can leave it, whatever the
 * guest reads and prints. A test that waits is ended by the alarm.
 */
#include "harness.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cmd/terminal.h"

#define ALARM_S	20
#define LOTS	1000000

/* The console's server, who types, and who reads what is printed. */
static int server, typist, reader;
static struct relay relay;

static int setup(void **state)
{
	int socks[2], in[2], out[2];

	(void)state;
	alarm(ALARM_S);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, socks) || pipe(in) || pipe(out))
		return -1;
	server = socks[1];
	typist = in[1];
	reader = out[0];
	fcntl(server, F_SETFL, O_NONBLOCK);
	fcntl(typist, F_SETFL, O_NONBLOCK);
	fcntl(reader, F_SETFL, O_NONBLOCK);
	relay_begin(&relay, socks[0]);
	relay.is_tty = false;
	relay.input = in[0];
	relay.output = out[1];
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	close(relay.sock);
	close(relay.input);
	close(relay.output);
	close(server);
	close(typist);
	close(reader);
	alarm(0);
	return 0;
}

/* Return: whether there was something to do. */
static bool step(enum relay_event *event)
{
	struct pollfd pfds[RELAY_FDS];

	relay_poll(&relay, pfds);
	if (poll(pfds, RELAY_FDS, 0) <= 0)
		return false;
	*event = relay_run(&relay, pfds);
	return true;
}

static void fill(char *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		bytes[i] = 'a' + (i / 7) % 26;
}

/* A pipe is written to, and a guest that doesn't read misses nothing later. */
static void test_guest_reads_later(void **state)
{
	enum relay_event event = RELAY_NOTHING;
	size_t sent = 0, got = 0;
	char *bytes, *back;
	ssize_t len;
	bool busy;

	(void)state;
	bytes = malloc(LOTS);
	back = malloc(LOTS);
	assert_non_null(bytes);
	assert_non_null(back);
	fill(bytes, LOTS);
	do {
		len = write(typist, bytes + sent, LOTS - sent);
		busy = len > 0 || step(&event);
		sent += len > 0 ? len : 0;
		assert_int_equal(event, RELAY_NOTHING);
	} while (busy);
	/* Now nothing moves, and nobody waits. */
	assert_true(sent > RELAY_TYPED_MAX && sent < LOTS);
	while (got < LOTS) {
		len = write(typist, bytes + sent, LOTS - sent);
		sent += len > 0 ? len : 0;
		step(&event);
		len = read(server, back + got, LOTS - got);
		got += len > 0 ? len : 0;
	}
	assert_memory_equal(bytes, back, LOTS);
	free(bytes);
	free(back);
}

static void test_escape_when_the_guest_reads_nothing(void **state)
{
	enum relay_event event = RELAY_NOTHING;
	char bytes[1000];
	int typed;

	(void)state;
	relay.is_tty = true;
	memset(bytes, 'x', sizeof(bytes));
	for (typed = 0; typed < LOTS; typed += sizeof(bytes)) {
		assert_int_equal(write(typist, bytes, sizeof(bytes)),
				 sizeof(bytes));
		while (step(&event))
			assert_int_equal(event, RELAY_NOTHING);
	}
	assert_int_equal(relay.typed_len, RELAY_TYPED_MAX);
	assert_int_equal(write(typist, "abc\x1dxyz", 7), 7);
	assert_true(step(&event));
	assert_int_equal(event, RELAY_ESCAPE);
}

/* Nor if there is no console; what is typed then nobody hears. */
static void test_escape_without_console(void **state)
{
	enum relay_event event = RELAY_NOTHING;
	int sock = relay.sock;

	(void)state;
	relay.is_tty = true;
	relay.sock = -1;
	assert_int_equal(write(typist, "abc", 3), 3);
	assert_true(step(&event));
	assert_int_equal(event, RELAY_NOTHING);
	assert_int_equal(relay.typed_len, 0);
	assert_int_equal(write(typist, "\x1d", 1), 1);
	assert_true(step(&event));
	assert_int_equal(event, RELAY_ESCAPE);
	relay.sock = sock;
}

/* Neither does one that prints without end, read or not. */
static void test_escape_when_the_guest_floods(void **state)
{
	enum relay_event event = RELAY_NOTHING;
	char bytes[4096];
	int tries;

	(void)state;
	relay.is_tty = true;
	memset(bytes, 'x', sizeof(bytes));
	assert_int_equal(write(typist, "\x1d", 1), 1);
	for (tries = 0; event == RELAY_NOTHING && tries < 10; tries++) {
		while (write(server, bytes, sizeof(bytes)) > 0)
			;
		step(&event);
	}
	assert_int_equal(event, RELAY_ESCAPE);
	/* The reader takes nothing, and then something is typed. */
	while (step(&event))
		;
	assert_true(relay.blocked);
	assert_int_equal(write(typist, "\x1d", 1), 1);
	assert_true(step(&event));
	assert_int_equal(event, RELAY_ESCAPE);
}

/* What it said before it went is printed, also when something is left for it. */
static void test_last_words(void **state)
{
	enum relay_event event = RELAY_NOTHING;
	char bytes[LOTS / 10], words[16];
	ssize_t len;

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	while (write(typist, bytes, sizeof(bytes)) > 0 || step(&event))
		;
	assert_true(relay.typed_len > 0);
	assert_int_equal(write(server, "words", 5), 5);
	close(server);
	while (event == RELAY_NOTHING)
		assert_true(step(&event));
	assert_int_equal(event, RELAY_LOST);
	len = read(reader, words, sizeof(words));
	assert_int_equal(len, 5);
	assert_memory_equal(words, "words", 5);
	server = -1;
}

/* The end of the input isn't that of the guest, but that of a terminal is. */
static void test_end_of_input(void **state)
{
	enum relay_event event = RELAY_NOTHING;

	(void)state;
	close(typist);
	assert_true(step(&event));
	assert_int_equal(event, RELAY_NOTHING);
	assert_int_equal(relay.input, -1);
	assert_int_equal(write(server, "words", 5), 5);
	relay_last_words(&relay, 10);
	teardown(NULL);
	assert_int_equal(setup(NULL), 0);
	relay.is_tty = true;
	close(typist);
	assert_true(step(&event));
	assert_int_equal(event, RELAY_ESCAPE);
	relay.is_tty = false;
	typist = -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_guest_reads_later, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_escape_when_the_guest_reads_nothing,
						setup, teardown),
		cmocka_unit_test_setup_teardown(test_escape_without_console,
						setup, teardown),
		cmocka_unit_test_setup_teardown(test_escape_when_the_guest_floods,
						setup, teardown),
		cmocka_unit_test_setup_teardown(test_last_words, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_end_of_input, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
