// Huge pages for a process that looks all over its memory and its code: a processor that does not have a page
// at hand then reads fewer tables to find it, and a virtual machine has two sets of them.
#pragma once

namespace winnow {

// From now on what is allocated and the program's own instructions lie in huge pages, where the system gives
// them; where it does not, all works the same, more slowly. Call before anything is opened and before there
// are other threads.
//
// glibc allocates so only for who asked before main(): the program replaces itself, under the same process
// id, by another run of itself with glibc.malloc.hugetlb=1 among its GLIBC_TUNABLES, unless these name that
// tunable already. With its value 0 nothing is done: then a profiler that is attached to the running process
// finds the instructions in the program's file, and names functions.
void use_huge_pages(char* const* argv);

}  // namespace winnow
