internal import Anabranch
internal import Foundation

/// Asks a person before something that cannot be taken back.
enum Confirmation {
  /// Shows `what` and asks `question`; returns where the answer is yes.
  ///
  /// Throws where it is anything else, and where nobody can be asked: then `flag` says yes.
  static func ask(_ what: String, _ question: String, else flag: String) throws {
    try checkSomebodyIsThere(else: flag)
    Output.note(what)
    try? Output.write(Array("\(question) [y/N] ".utf8), to: STDERR_FILENO, called: "a question")
    let answer = readLine()?.trimmingCharacters(in: .whitespaces).lowercased() ?? ""
    guard ["y", "yes"].contains(answer) else {
      throw AnabranchError(.interrupted, "nothing was changed")
    }
  }

  /// Throws where nobody can be asked.
  static func checkSomebodyIsThere(else flag: String) throws(AnabranchError) {
    guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else {
      throw AnabranchError(
        .invalid, "this cannot be taken back, and there is nobody to ask; nothing was changed",
        remedy: "run it in a terminal, or give \(flag) if you are sure")
    }
  }
}
