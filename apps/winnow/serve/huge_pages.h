// Huge pages for a process that looks all over its memory and its code: a processor that does not have a page
// at hand then reads fewer tables to find it, which in a virtual machine costs several times as much.
//
// Both are advice: where the system gives no huge pages, all works the same, more slowly. One thread calls
// them, before there are others.
#pragma once

namespace winnow {

// What is allocated from now on lies in huge pages. glibc asks for that before main() only, so the program
// replaces itself, under the same process id, by another run of itself with glibc.malloc.hugetlb=1 among its
// GLIBC_TUNABLES. Returns where nothing is to be changed: the environment names that tunable already, with
// whatever value, or the program cannot be run again. Call before anything is opened.
void use_huge_pages_for_heap(char* const* argv);

// Moves the program's own instructions, which are read from its file in small pages, to huge pages. False
// where the system forbids it.
bool use_huge_pages_for_code();

}  // namespace winnow
