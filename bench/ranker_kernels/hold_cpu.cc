// A library to put before a program (LD_PRELOAD), which then sees a processor of fewer instructions: none
// above those of the level that WINNOW_HOLD_CPU names (avx2, avx512_vnni, avx512_bf16; math/cpu_level.h). So
// peers that choose their kernels by CPUID, and cannot be told, are measured at the level that ours are held
// to.
//
// Linux can make CPUID fault (arch_prctl, "cpuid_fault" in /proc/cpuinfo). The fault's handler asks the
// processor, strikes out what is above the level, and goes on behind the instruction. Threads and children
// inherit that. What the C library found out before this came stays: its copies of memory may use all there
// is.
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#if defined(__x86_64__) && defined(__linux__)

#include <cpuid.h>
#include <signal.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

namespace {

enum Level { kAvx2, kAvx512Vnni, kAvx512Bfloat16, kAmx };

struct Leaf {
  unsigned leaf = 0, subleaf = 0;
  unsigned a = 0, b = 0, c = 0, d = 0;
};

constexpr unsigned bits(auto... numbers) { return ((1u << numbers) | ...); }

// What belongs to no level below `level`. Intel's manual, volume 2A, CPUID.
struct Above {
  Level level;
  Leaf bits;
};
constexpr Above kAbove[] = {
    {kAmx, {7, 0, 0, 0, 0, bits(22, 24, 25)}},
    {kAmx, {7, 1, bits(21), 0, 0, bits(8)}},
    {kAvx512Bfloat16, {7, 0, 0, 0, 0, bits(23)}},
    {kAvx512Bfloat16, {7, 1, bits(5)}},
    {kAvx512Vnni, {7, 0, 0, bits(16, 17, 21, 26, 27, 28, 30, 31), bits(1, 6, 11, 12, 14), bits(2, 3, 8)}},
    // VNNI and what else was first AVX-512's, in registers of AVX2; AVX10.
    {kAvx512Vnni, {7, 1, bits(4, 23), 0, 0, bits(4, 5, 10, 19)}},
};

Level held = kAmx;

void strike_out(Leaf& found) {
  for (const Above& above : kAbove) {
    if (above.level <= held || above.bits.leaf != found.leaf || above.bits.subleaf != found.subleaf) continue;
    found.a &= ~above.bits.a;
    found.b &= ~above.bits.b;
    found.c &= ~above.bits.c;
    found.d &= ~above.bits.d;
  }
}

// Whether the calling thread may read CPUID.
bool allow_cpuid(bool allowed) {
  constexpr long kSetCpuid = 0x1012;  // ARCH_SET_CPUID
  return syscall(SYS_arch_prctl, kSetCpuid, allowed ? 1L : 0L) == 0;
}

void on_fault(int /*signal*/, siginfo_t* /*info*/, void* context) {
  greg_t* const registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  constexpr std::uint8_t kCpuid[] = {0x0f, 0xa2};
  if (std::memcmp(std::bit_cast<const void*>(registers[REG_RIP]), kCpuid, sizeof kCpuid) != 0) {
    signal(SIGSEGV, SIG_DFL);  // a fault of the program: it meets it again
    return;
  }
  Leaf found{static_cast<unsigned>(registers[REG_RAX]), static_cast<unsigned>(registers[REG_RCX])};
  allow_cpuid(true);
  __cpuid_count(found.leaf, found.subleaf, found.a, found.b, found.c, found.d);
  allow_cpuid(false);
  strike_out(found);
  registers[REG_RAX] = found.a;
  registers[REG_RBX] = found.b;
  registers[REG_RCX] = found.c;
  registers[REG_RDX] = found.d;
  registers[REG_RIP] += sizeof kCpuid;
}

__attribute__((constructor)) void hold() {
  const char* const name = std::getenv("WINNOW_HOLD_CPU");
  if (name == nullptr) return;
  if (std::strcmp(name, "avx2") == 0) held = kAvx2;
  if (std::strcmp(name, "avx512_vnni") == 0) held = kAvx512Vnni;
  if (std::strcmp(name, "avx512_bf16") == 0) held = kAvx512Bfloat16;
  if (held == kAmx) return;
  struct sigaction action = {};
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGSEGV, &action, nullptr);
  allow_cpuid(false);  // where the system cannot, cpu_level_in_sight() tells
}

}  // namespace

// The highest level whose instructions the calling thread finds by CPUID.
extern "C" const char* cpu_level_in_sight() {
  Leaf seven{7, 0};
  Leaf more{7, 1};
  __cpuid_count(7, 0, seven.a, seven.b, seven.c, seven.d);
  __cpuid_count(7, 1, more.a, more.b, more.c, more.d);
  if ((seven.d & bits(25)) != 0) return "amx";
  if ((more.a & bits(5)) != 0) return "avx512_bf16";
  if ((seven.c & bits(11)) != 0) return "avx512_vnni";
  return (seven.b & bits(5)) != 0 ? "avx2" : "portable";
}

#else

extern "C" const char* cpu_level_in_sight() { return "portable"; }

#endif
