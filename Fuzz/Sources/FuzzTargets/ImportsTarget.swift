internal import Anabranch
internal import AnabranchExchange
internal import Foundation

/// The input is a file that is imported. Where its first byte is 1, the rest says which files lie in a zip, so that a checksum is
/// never what keeps the fuzzer out: see ``SampleZip/init(described:)``.
///
/// Promised: reading ends, or says why not; messages come after their conversation and their parents, each once; what was read
/// and is exported is read again as it was; and it can be printed.
enum ImportsTarget {
  static func check(_ input: UnsafeRawBufferPointer) throws {
    var input = FuzzInput(input)
    let isZip = input.byte() == 1
    let bytes = isZip ? SampleZip(described: &input).bytes : input.rest()
    guard let events = try read(bytes) else { return }
    let exported = try write(events)
    guard let again = try read(exported) else {
      throw BrokenPromise(description: "an export of ours can be imported")
    }
    let kept = events.filter { !$0.isWarning }
    try BrokenPromise.unless(again == kept, "what is exported is imported as it was")
    // Swift's equality takes composed and decomposed letters for the same.
    try BrokenPromise.unless(try write(again) == exported, "what is exported is exported again to the same bytes")
  }

  /// What a file of those bytes holds; nil where it is refused.
  private static func read(_ bytes: [UInt8]) throws -> [HistoryEvent]? {
    let path = file.path(percentEncoded: false)
    try Data(bytes).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    do {
      var check = HistoryCheck(try HistoryFile.open(path, temporaryDirectory: directory.path(percentEncoded: false)))
      return try check.read()
    } catch is AnabranchError {
      return nil
    }
  }

  private static func write(_ events: [HistoryEvent]) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var writer = JSONLinesWriter { bytes += $0 }
    var printer = MarkdownWriter(files: "files") { _ in }
    for event in events {
      try writer.write(event)
      try printer.write(event)
    }
    try writer.finish()
    try printer.finish()
    return bytes
  }

  private static let directory = FileManager.default.temporaryDirectory
  /// One file a process, written anew for each input.
  private static let file = directory.appending(path: "anabranch-fuzz-\(ProcessInfo.processInfo.processIdentifier)")

  static var seeds: [FuzzTarget.Seed] {
    let files = SampleExports.all.map { name, text in FuzzTarget.Seed(name, [0] + Array(text.utf8)) }
    var folder = FuzzScript()
    folder.add(1)
    for (number, file) in SampleExports.all.prefix(3).enumerated() {
      folder.add(UInt8(number))
      folder.add(counted: Array(file.text.utf8))
    }
    folder.add(4)
    folder.add(counted: Array(#"["conversations-001.json","conversations-003.json"]"#.utf8))
    folder.add(5)
    folder.add(counted: [0x89, 0x50, 0x4e, 0x47])
    var zip = FuzzInput(of: Array(folder.bytes.dropFirst()))
    return files + [
      FuzzTarget.Seed("folder", folder.bytes), FuzzTarget.Seed("zip", [0] + SampleZip(described: &zip).bytes),
    ]
  }
}

extension HistoryEvent {
  fileprivate var isWarning: Bool {
    if case .warning = self { return true }
    return false
  }
}
