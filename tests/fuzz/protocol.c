// SPDX-License-Identifier: GPL-2.0
/*
 * What clients may send to chaosd. What is accepted is within the limits of
 * protocol.h; what isn't has a message of one printable line.
 */
#include "fuzz.h"

#include "daemon/protocol.h"

static void check_request(const struct request *request)
{
	bool has_domid = request->command == COMMAND_NOTIFY ||
			 request->command == COMMAND_CONSOLE_OPEN ||
			 request->command == COMMAND_CONSOLE_CLOSE;

	fuzz_assert(request->command <= COMMAND_CONSOLE_CLOSE);
	fuzz_assert((request->domid != 0) == has_domid);
	fuzz_assert(request->domid < 32752);
	fuzz_assert(!request->event == (request->command != COMMAND_NOTIFY));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct request request;
	struct error err = { "" };

	if (protocol_parse((const char *)data, size, &request, &err)) {
		fuzz_line(err.text, sizeof(err.text));
		fuzz_refused++;
	} else {
		check_request(&request);
		fuzz_accepted++;
	}
	return 0;
}
