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

  /// The failure that `error` is; nil where it is of another kind.
  init?(_ error: any Error) {
    switch error {
    case let error as AnabranchError: self.init(error)
    case let failure as Failure: self = failure
    case is CancellationError:
      self.init(
        code: AnabranchError.Code.interrupted.rawValue, message: "interrupted", remedy: "",
        status: ExitStatus.interrupted)
    default: return nil
    }
  }

  /// Says on standard error what went wrong, or on standard output what was asked for, and returns the status to
  /// end with. Of what is wrong with the arguments of a command that was parsed, `command`, it says how that is used.
  static func report(_ error: any Error, of command: (any ParsableCommand.Type)? = nil, json: Bool) -> Int32 {
    if let status = error as? ExitCode { return status.rawValue }
    if let failure = Failure(error) { return failure.report(json: json) }
    switch AnabranchCommand.exitCode(for: error) {
    case .success:
      return printed(AnabranchCommand.fullMessage(for: error), json: json)
    case .validationFailure:
      guard json else {
        Output.note(TextWidth.printableLines(usage(error, of: command)))
        return ExitStatus.usage
      }
      return Failure(
        code: "usage", message: AnabranchCommand.message(for: error), remedy: "see `anabranch --help`",
        status: ExitStatus.usage
      ).report(json: true)
    default:
      return Failure(AnabranchError(.io, "\(error)")).report(json: json)
    }
  }

  /// What is wrong with arguments, and how the command is used. The parser knows which one, unless that found it wrong itself as it ran.
  private static func usage(_ error: any Error, of command: (any ParsableCommand.Type)?) -> String {
    guard let command, let error = error as? ValidationError else { return AnabranchCommand.fullMessage(for: error) }
    return "Error: \(error.message)\nUsage: \(AnabranchCommand.usageString(for: command))"
  }

  /// Prints help, the version or a completion script.
  private static func printed(_ text: String, json: Bool) -> Int32 {
    do {
      try Output.write(text + "\n")
      return ExitStatus.done
    } catch {
      return Failure(error).report(json: json)
    }
  }

  private func report(json: Bool) -> Int32 {
    if code == AnabranchError.Code.readerGone.rawValue { return ExitStatus.done }
    if json, let line = try? Output.line(["error": self]) {
      Output.note(line)
    } else {
      Output.note(TextWidth.printableLines("anabranch: \(message)" + (remedy.isEmpty ? "" : "\n  → \(remedy)")))
    }
    return status
  }
}
