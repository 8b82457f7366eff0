internal import Anabranch

/// Collects what was odd about one conversation, so that a thing seen a thousand times is told once.
struct Oddities {
  private struct Entry {
    var code: String
    var what: String
    var skipped: Bool
    var count: Int
  }

  private var entries: [Entry] = []

  /// Notes one case. `what` is a sentence without its full stop, said of the first case of each code.
  mutating func note(_ code: String, _ what: String, skipped: Bool) {
    if let known = entries.firstIndex(where: { $0.code == code }) {
      entries[known].count += 1
    } else {
      entries.append(Entry(code: code, what: what, skipped: skipped, count: 1))
    }
  }

  /// Notes what a reader had to mend.
  mutating func note(_ repairs: JSONRepairs) {
    if repairs.loneSurrogates > 0 {
      note("lone-surrogate", "half a character (a lone surrogate) was replaced by U+FFFD", skipped: false)
      entries[entries.count - 1].count = repairs.loneSurrogates
    }
    if repairs.invalidTexts > 0 {
      note(
        "invalid-utf8", "a text held bytes that are not UTF-8; they were replaced by U+FFFD", skipped: true)
      entries[entries.count - 1].count = repairs.invalidTexts
    }
  }

  /// The warnings about what was noted since the last call, in the order of their first cases.
  mutating func takeWarnings(about subject: String) -> [ImportWarning] {
    defer { entries.removeAll() }
    return entries.map { entry in
      let times = entry.count > 1 ? " (\(entry.count) times)" : ""
      return ImportWarning(
        code: entry.code, message: "\(subject): \(entry.what)\(times)", skipped: entry.skipped)
    }
  }
}
