// How a long job tells where it is, and how it is told to stop.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

namespace winnow {

// Called often: the step's name, the work done in it so far and in all (0 when unknown). Returns false to
// stop the job at the next safe place; what is finished stays, and the next run goes on from there.
using JobProgress = std::function<bool(std::string_view step, std::size_t done, std::size_t total)>;

}  // namespace winnow
