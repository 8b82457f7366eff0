internal import Anabranch
internal import ArgumentParser

/// Where a command that meets other replicas writes down what crosses.
struct RecordingOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      """
      Append what crosses connections to this file, frame by frame, but nothing that anybody wrote; see `anabranch inspect \
      wire`. It has names, keys and addresses of devices.
      """, valueName: "file"), completion: .file())
  var record: String?

  @Flag(
    name: .long,
    help: "With --record: write down whole frames, and so WHAT PEOPLE WROTE. Give such a file to nobody.")
  var recordContents = false

  mutating func validate() throws {
    if let record, record.allSatisfy(\.isWhitespace) {
      throw ValidationError("expected a file after --record, got nothing")
    }
    if recordContents, record == nil { throw ValidationError("expected --record FILE with --record-contents") }
  }

  /// What is to be recorded; nil for nothing.
  var request: RecordingRequest? {
    record.map { RecordingRequest(file: AttachmentPaths.absolute([$0]).first ?? $0, contents: recordContents) }
  }
}

/// A recording that is wanted, whoever makes it.
struct RecordingRequest: Codable, Sendable {
  var file: String
  var contents: Bool

  /// What writes it.
  func recorder() throws(AnabranchError) -> SessionRecorder {
    try SessionRecorder(at: file, contents: contents)
  }

  /// Says what a recording with contents is, to who asked for one.
  func warn() {
    guard contents else { return }
    Output.note(TextWidth.printable("anabranch: \(file) gets all that crosses, and so what people wrote"))
  }
}
