internal import ArgumentParser
internal import Foundation

/// Another process of this program, which is the other replica of a measurement.
final class PeerProcess {
  private let process = Process()
  private let output = Pipe()
  private var unread = Data()

  /// Starts this program with those arguments.
  init(_ arguments: [String]) throws {
    guard let program = Bundle.main.executableURL else { throw ValidationError("cannot find this program's file") }
    process.executableURL = program
    process.arguments = arguments
    process.standardOutput = output
    try process.run()
  }

  /// The next line that it prints; throws where it ends instead.
  func line() throws -> String {
    while true {
      if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: unread[..<end], as: UTF8.self)
        unread = Data(unread[(end + 1)...])
        return line
      }
      let more = output.fileHandleForReading.availableData
      guard !more.isEmpty else { throw ValidationError("the other process ended before it was done") }
      unread += more
    }
  }

  /// The next line that it prints, which is `Value` in JSON.
  func value<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try JSONDecoder().decode(type, from: Data(try line().utf8))
  }

  /// Tells the process that started this one; it reads ``value(_:)``.
  static func tell(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    FileHandle.standardOutput.write(try encoder.encode(value) + Data("\n".utf8))
  }

  /// Prints what it prints, until it ends; throws where it fails.
  func passOn() throws {
    while true {
      let more = output.fileHandleForReading.availableData
      if more.isEmpty { break }
      FileHandle.standardOutput.write(more)
    }
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw ValidationError("the other process ended with status \(process.terminationStatus)")
    }
  }

  /// Waits until it has ended.
  func wait() {
    process.waitUntilExit()
  }
}
