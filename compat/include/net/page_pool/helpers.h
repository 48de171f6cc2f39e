/* SPDX-License-Identifier: GPL-2.0 */
/* Found only if the kernel has no such header: Linux before 6.6. */
#include <net/page_pool.h>
