#include "adapters/files/simulated_world.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/text.h"

namespace winnow {

namespace {

struct Genre {
  std::string_view name;
  std::array<std::string_view, 6> nouns;
  std::string_view about;
};

constexpr std::array<Genre, kSimulatedGenres> kGenres = {{
    {"Action",
     {"Strike", "Convoy", "Pursuit", "Vanguard", "Bullet", "Siege"},
     "A chase that leaves no time to breathe"},
    {"Adventure",
     {"Voyage", "Map", "Summit", "Caravan", "Island", "Compass"},
     "A journey farther than anyone planned"},
    {"Animation",
     {"Fox", "Lantern", "Paper Moon", "Cloud", "Tinker", "Acorn"},
     "Drawn by hand, for all ages"},
    {"Comedy",
     {"Neighbour", "Wedding", "Landlord", "Cousin", "Picnic", "Parrot"},
     "Everything goes wrong, in good company"},
    {"Crime",
     {"Alibi", "Witness", "Ledger", "Heist", "Informant", "Verdict"},
     "One case, and nobody tells all they know"},
    {"Documentary",
     {"Harvest", "Archive", "River", "Workshop", "Glacier", "Orchestra"},
     "How it is really done, and by whom"},
    {"Drama",
     {"Daughter", "Letter", "Winter", "House", "Silence", "Promise"},
     "A family, a secret and one long year"},
    {"Family",
     {"Treehouse", "Puppy", "Summer", "Bicycle", "Grandmother", "Holiday"},
     "For a rainy afternoon together"},
    {"Fantasy",
     {"Crown", "Dragon", "Oath", "Raven", "Kingdom", "Rune"},
     "An old oath wakes and asks to be kept"},
    {"History",
     {"Regiment", "Empress", "Harbour", "Treaty", "Frontier", "Chronicle"},
     "From the records of those who were there"},
    {"Horror", {"Cellar", "Whisper", "Hollow", "Doll", "Fog", "Tenant"}, "Do not open the second door"},
    {"Music",
     {"Encore", "Melody", "Vinyl", "Chorus", "Trumpet", "Rehearsal"},
     "A band, a tour and the song that made it"},
    {"Mystery",
     {"Clock", "Lighthouse", "Stranger", "Key", "Portrait", "Cipher"},
     "A clue that fits nowhere, until it does"},
    {"Romance",
     {"Kiss", "Station", "Garden", "Serenade", "Return", "Dance"},
     "Two people who keep missing each other"},
    {"Science Fiction",
     {"Orbit", "Signal", "Android", "Colony", "Horizon", "Algorithm"},
     "The signal was never meant for us"},
    {"Sport",
     {"Final", "Coach", "Marathon", "Underdog", "Season", "Rival"},
     "The last season, and the first that counts"},
}};

constexpr std::array<std::string_view, 32> kAdjectives = {
    "Silent", "Last",     "Golden",  "Hidden", "Broken",   "Crimson",  "Endless", "Second",
    "Lonely", "Northern", "Burning", "Paper",  "Secret",   "Distant",  "Little",  "Frozen",
    "Wild",   "Hollow",   "Perfect", "Stolen", "Midnight", "Electric", "Quiet",   "Brave",
    "Velvet", "Lost",     "Glass",   "Honest", "Savage",   "Gentle",   "Blue",    "Final"};

constexpr std::array<std::string_view, 24> kFirstNames = {
    "Ada",     "Bruno", "Chiara", "Dmitri", "Elif",  "Farid", "Greta", "Hiro",
    "Ines",    "Jonas", "Kavya",  "Liam",   "Maren", "Noor",  "Otto",  "Priya",
    "Quentin", "Rosa",  "Sven",   "Tala",   "Ugo",   "Vera",  "Wen",   "Yara"};
constexpr std::array<std::string_view, 24> kLastNames = {
    "Almeida", "Bauer",  "Castillo", "Dubois",  "Eriksen", "Fischer",  "Gupta",  "Haddad",
    "Ivanova", "Jensen", "Kowalski", "Laurent", "Moreau",  "Nakamura", "Okafor", "Petrov",
    "Quiroga", "Rossi",  "Schmidt",  "Tanaka",  "Usman",   "Varga",    "Weber",  "Zhang"};

// The two ends of each style axis, as tags.
constexpr std::array<std::array<std::string_view, 2>, kSimulatedStyles> kStyleTags = {
    {{"slow burn", "fast-paced"},
     {"dark", "feel-good"},
     {"arthouse", "blockbuster"},
     {"ensemble", "one hero"},
     {"true story", "surreal"},
     {"deadpan", "sentimental"},
     {"classic", "experimental"},
     {"urban", "great outdoors"}}};

struct Country {
  std::string_view code;
  std::string_view language;
};
// The first are the most frequent.
constexpr std::array<Country, 12> kCountries = {{{"US", "en"},
                                                 {"DE", "de"},
                                                 {"BR", "pt"},
                                                 {"GB", "en"},
                                                 {"FR", "fr"},
                                                 {"IN", "hi"},
                                                 {"JP", "ja"},
                                                 {"MX", "es"},
                                                 {"ES", "es"},
                                                 {"IT", "it"},
                                                 {"PL", "pl"},
                                                 {"NG", "en"}}};
constexpr std::array<std::string_view, 7> kAgeGroups = {"Under 18", "18-24", "25-34", "35-44",
                                                        "45-49",    "50-55", "56+"};

template <class Container>
const auto& pick(Random& random, const Container& from) {
  return from[random.below(static_cast<std::uint32_t>(from.size()))];
}

// The front of a list more often than its end.
std::size_t skewed(Random& random, std::size_t size, double power) {
  return std::min(size - 1,
                  static_cast<std::size_t>(std::pow(random.uniform(), power) * static_cast<double>(size)));
}

struct Creator {
  std::string name;
  std::uint32_t genre = 0;
  std::array<float, kSimulatedStyles> style{};
};

std::vector<Creator> make_creators(Random& random, std::uint32_t count) {
  std::vector<Creator> creators(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::size_t names = kFirstNames.size() * kLastNames.size();
    const std::size_t name =
        (i * std::size_t{229}) % names;  // coprime to 576: every pair once before the first repeats
    creators[i].name =
        fmt::format("{} {}", kFirstNames[name / kLastNames.size()], kLastNames[name % kLastNames.size()]);
    if (i >= names) creators[i].name += fmt::format(" {}", i / names + 1);
    creators[i].genre = random.below(kSimulatedGenres);
    for (float& axis : creators[i].style) axis = static_cast<float>(0.8 * random.normal());
  }
  return creators;
}

std::string make_name(Random& random, std::uint32_t genre) {
  const std::string_view adjective = pick(random, kAdjectives);
  const std::string_view noun = pick(random, kGenres[genre].nouns);
  const std::uint32_t other_genre = (genre + 1 + random.below(kSimulatedGenres - 1)) % kSimulatedGenres;
  const std::string_view other = pick(random, kGenres[other_genre].nouns);
  switch (random.below(6)) {
    case 0:
      return fmt::format("The {} {}", adjective, noun);
    case 1:
      return fmt::format("{} of the {} {}", noun, adjective, other);
    case 2:
      return fmt::format("{} {}", adjective, noun);
    case 3:
      return fmt::format("The {} and the {}", noun, other);
    case 4:
      return fmt::format("{} Beyond the {} {}", noun, adjective, other);
    default:
      return fmt::format("My {} {}", adjective, noun);
  }
}

double make_duration_s(Random& random) {
  const double kind = random.uniform();
  if (kind < 0.4) return 60 + random.below(840);      // clips
  if (kind < 0.75) return 1200 + random.below(2400);  // episodes
  return 4800 + random.below(4200);                   // films
}

TimestampMs between(Random& random, TimestampMs begin, TimestampMs end) {
  return begin + static_cast<TimestampMs>(random.uniform() * static_cast<double>(end - begin));
}

void make_items(Random& random, const SimulatedWorldOptions& options, SimulatedWorld& world) {
  const auto creators = make_creators(random, std::max(1u, options.items / 12));
  world.catalog.resize(creators.size());
  for (std::uint32_t i = 0; i < options.items; ++i) {
    SimulatedTitle title;
    Item item;
    title.creator = static_cast<std::uint32_t>(skewed(random, creators.size(), 1.5));
    const Creator& creator = creators[title.creator];
    title.main_genre = random.uniform() < 0.8 ? creator.genre : random.below(kSimulatedGenres);
    title.quality = static_cast<float>(random.normal());
    title.genres[title.main_genre] = 1;
    for (std::uint32_t more = random.below(3); more > 0; --more)
      title.genres[random.below(kSimulatedGenres)] += 0.5f;
    float sum = 0;
    for (const float weight : title.genres) sum += weight;
    for (float& weight : title.genres) weight /= sum;

    item.id = fmt::format("title-{}", i + 1);
    item.title = make_name(random, title.main_genre);
    item.description = fmt::format("{}. By {}.", kGenres[title.main_genre].about, creator.name);
    item.categories.emplace_back(kGenres[title.main_genre].name);
    for (std::size_t g = 0; g < kSimulatedGenres; ++g) {
      if (g != title.main_genre && title.genres[g] > 0) item.categories.emplace_back(kGenres[g].name);
    }
    for (std::size_t axis = 0; axis < kSimulatedStyles; ++axis) {
      title.style[axis] = creator.style[axis] + static_cast<float>(0.6 * random.normal());
      if (std::abs(title.style[axis]) > 1)
        item.tags.emplace_back(kStyleTags[axis][title.style[axis] > 0 ? 1 : 0]);
    }
    item.creator = creator.name;
    item.created_ms = random.uniform() < 0.75
                          ? between(random, options.begin_ms - 1000 * kDayMs, options.begin_ms)
                          : between(random, options.begin_ms, options.end_ms);
    item.created_ms = std::max<TimestampMs>(item.created_ms, 0);
    item.duration_s = make_duration_s(random);
    if (random.uniform() < 0.08) item.price = 1.99 + random.below(12);
    if (random.uniform() < 0.04) {
      item.regions = {std::string(kCountries[random.below(4)].code),
                      std::string(kCountries[4 + random.below(8)].code)};
    }
    world.catalog[title.creator].push_back(i);
    world.items.push_back(std::move(item));
    world.titles.push_back(title);
  }
}

std::array<float, kSimulatedGenres> make_taste(Random& random) {
  std::array<float, kSimulatedGenres> taste{};
  for (float& liking : taste) liking = static_cast<float>(-0.4 + 0.3 * random.normal());
  for (std::uint32_t favourites = 2 + random.below(3); favourites > 0; --favourites) {
    taste[random.below(kSimulatedGenres)] = static_cast<float>(1.2 + 0.8 * random.uniform());
  }
  return taste;
}

void make_users(Random& random, const SimulatedWorldOptions& options, SimulatedWorld& world) {
  for (std::uint32_t i = 0; i < options.users; ++i) {
    SimulatedPerson person;
    User user;
    person.genres = make_taste(random);
    const auto other = make_taste(random);
    for (std::size_t g = 0; g < kSimulatedGenres; ++g) {
      person.later_genres[g] = 0.6f * person.genres[g] + 0.4f * other[g];
    }
    for (float& axis : person.style) axis = static_cast<float>(random.normal());
    person.activity = std::exp(random.normal());

    const Country& country = kCountries[skewed(random, kCountries.size(), 2)];
    user.id = fmt::format("user-{}", i + 1);
    user.country = country.code;
    user.language = country.language;
    user.age_group = pick(random, kAgeGroups);
    user.signup_ms = random.uniform() < 0.67
                         ? between(random, options.begin_ms - 700 * kDayMs, options.begin_ms)
                         : between(random, options.begin_ms, options.end_ms - kDayMs);
    user.signup_ms = std::max<TimestampMs>(user.signup_ms, 0);
    if (random.uniform() < 0.6) {  // the others do not say what they like
      for (std::size_t g = 0; g < kSimulatedGenres; ++g) {
        if (person.genres[g] > 1) user.interests.emplace_back(kGenres[g].name);
      }
    }
    world.users.push_back(std::move(user));
    world.people.push_back(person);
  }
}

}  // namespace

SimulatedWorld make_simulated_world(const SimulatedWorldOptions& options) {
  SimulatedWorld world;
  Random items(hash64("items", options.seed));
  Random users(hash64("users", options.seed));
  make_items(items, options, world);
  make_users(users, options, world);
  return world;
}

double affinity(const SimulatedPerson& person, const SimulatedTitle& title, double drift) {
  double by_genre = 0;
  for (std::size_t g = 0; g < kSimulatedGenres; ++g) {
    by_genre += title.genres[g] * ((1 - drift) * person.genres[g] + drift * person.later_genres[g]);
  }
  double by_style = 0;
  for (std::size_t axis = 0; axis < kSimulatedStyles; ++axis)
    by_style += title.style[axis] * person.style[axis];
  return by_genre + 0.5 * by_style;
}

}  // namespace winnow
