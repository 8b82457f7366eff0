internal import Anabranch
internal import Foundation

/// Asks a person before something that cannot be taken back.
enum Confirmation {
  /// Shows `what` and asks `question`; returns where the answer is yes, and comes within `patience`.
  ///
  /// Throws where it is anything else, where it comes too late or the task is cancelled first, and where nobody can be asked:
  /// then `flag` says yes. Other tasks go on meanwhile.
  static func ask(
    _ what: String, _ question: String, else flag: String, within patience: Duration? = nil
  ) async throws {
    try checkSomebodyIsThere(else: flag)
    Output.note(what)
    try? Output.write(Array("\(question) [y/N] ".utf8), to: STDERR_FILENO, called: "a question")
    do {
      let answer = try await line(within: patience).trimmingCharacters(in: .whitespaces).lowercased()
      try Task.checkCancellation()
      guard ["y", "yes"].contains(answer) else { throw AnabranchError(.interrupted, "nothing was changed") }
    } catch is CancellationError {
      // What is said next does not go on behind the question.
      Output.note("")
      throw CancellationError()
    }
  }

  /// What a person types; throws where nothing comes within `patience`.
  private static func line(within patience: Duration?) async throws -> String {
    try await withThrowingTaskGroup(of: String.self) { group in
      group.addTask { try await StandardInput.line() }
      if let patience {
        group.addTask {
          try await Task.sleep(for: patience)
          Output.note("")
          throw AnabranchError(.interrupted, "nobody answered in time, so nothing was changed")
        }
      }
      defer { group.cancelAll() }
      return try await group.next() ?? ""
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
