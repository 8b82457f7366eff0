/// Words that must not stand in some of the sources, and why.
struct ForbiddenWords: Sendable {
  /// Fragments of code. A fragment that starts or ends with a letter is matched as a whole word.
  let fragments: [String]
  /// Said of each finding.
  let reason: String
  /// Whether comments and literals count too.
  var everywhere = false

  /// Where they stand in that file.
  func findings(in file: SourceFile) -> [Finding] {
    fragments.flatMap { fragment in
      SwiftCode.lines(with: fragment, in: everywhere ? file.text : file.code).map {
        Finding(path: file.path, line: $0, complaint: "`\(fragment)`: \(reason)")
      }
    }
  }

  /// Time, randomness and concurrency reach the pure modules as arguments, or not at all.
  static let impure = ForbiddenWords(
    fragments: [
      "async", "await", "actor", "Task", "DispatchQueue", "Thread",
      "Date(", "Date.now", "UUID(", "SystemRandomNumberGenerator", ".random(", ".shuffled(", ".shuffle(",
      ".randomElement(", "ContinuousClock", "SuspendingClock", "clock_gettime", "gettimeofday",
      "import Foundation", "import FoundationEssentials", "import Dispatch", "import Glibc", "import Darwin",
      "import Musl",
    ],
    reason: "not in a pure module; take time and randomness as arguments")

  /// What the disk, a peer or a person sends is never a reason to crash.
  static let traps = ForbiddenWords(
    fragments: ["try!", "as!", "fatalError("],
    reason: "throw instead; assert what only a programmer can get wrong with a precondition")

  /// What is left to do stands in an issue.
  static let reminders = ForbiddenWords(
    fragments: ["TODO", "FIXME", "XXX"], reason: "do it, or write an issue", everywhere: true)

  /// A library is told what to do by its arguments, and answers by returning.
  static let talkative = ForbiddenWords(
    fragments: ["print(", "debugPrint(", "dump(", "processInfo.environment", "getenv(", "secure_getenv("],
    reason: "a library neither prints nor reads the environment; only AnabranchCommand does")
}
