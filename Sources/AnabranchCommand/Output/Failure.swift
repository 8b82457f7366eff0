internal import Anabranch
internal import ArgumentParser
internal import Foundation

/// A failure as `--json` prints it, and as it crosses the daemon's socket.
struct Failure: Codable, Error {
  var code: String
  var message: String
  var remedy: String
  /// The status the program ends with.
  var status: Int32 = ExitStatus.failed

  private enum CodingKeys: String, CodingKey {
    case code, message, remedy
  }

  init(_ error: AnabranchError) {
    code = error.code.rawValue
    message = error.message
    remedy = error.remedy
    if error.code == .interrupted { status = ExitStatus.interrupted }
  }

  init(code: String, message: String, remedy: String, status: Int32) {
    self.code = code
    self.message = message
    self.remedy = remedy
    self.status = status
  }

  /// Ends the program: says what went wrong on standard error, or prints the help that was asked for.
  static func exit(with error: any Error, json: Bool) -> Never {
    if let status = error as? ExitCode { Foundation.exit(status.rawValue) }
    if let failure = failure(error) { failure.exit(json: json) }
    let text = AnabranchCommand.fullMessage(for: error)
    switch AnabranchCommand.exitCode(for: error) {
    case .success:
      Output.write(text + "\n")
      Foundation.exit(ExitStatus.done)
    case .validationFailure:
      let message = AnabranchCommand.message(for: error)
      guard json else {
        Output.note(text)
        Foundation.exit(ExitStatus.usage)
      }
      Failure(
        code: "usage", message: message, remedy: "see `anabranch --help`", status: ExitStatus.usage
      ).exit(json: true)
    default:
      Failure(code: "io", message: "\(error)", remedy: "", status: ExitStatus.failed).exit(json: json)
    }
  }

  private static func failure(_ error: any Error) -> Failure? {
    switch error {
    case let error as AnabranchError: Failure(error)
    case let failure as Failure: failure
    case is CancellationError:
      Failure(code: "interrupted", message: "interrupted", remedy: "", status: ExitStatus.interrupted)
    default: nil
    }
  }

  private func exit(json: Bool) -> Never {
    if json, let line = try? Output.line(["error": self]) {
      Output.note(line)
    } else {
      Output.note("anabranch: \(message)" + (remedy.isEmpty ? "" : "\n  → \(remedy)"))
    }
    Foundation.exit(status)
  }
}
