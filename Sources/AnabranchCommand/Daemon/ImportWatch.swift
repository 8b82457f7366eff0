internal import Anabranch
internal import Foundation

/// Imports whatever appears in a folder, until it is interrupted.
///
/// What lies there is taken once its size and time have stood still from one look to the next, so that a download is
/// not read half-way. What cannot be read is told of once, and tried again when it changes; where the replica, and not
/// the file, is the reason, it is tried again at once.
struct ImportWatch {
  let options: GlobalOptions
  let folder: String

  private static let interval = Duration.seconds(2)

  /// How a file, or a folder with all in it, looks from outside.
  fileprivate struct Stamp: Hashable {
    var bytes: UInt64 = 0
    var files = 0
    var modified = Date.distantPast
  }

  func run() async throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
      throw AnabranchError(
        .notFound, "expected a folder to watch, and \(folder) is none", remedy: "give a folder, or leave out --watch")
    }
    try options.place.check()
    Output.note(TextWidth.printable("anabranch: watching \(folder), Ctrl-C ends"))
    var seen: [String: Stamp] = [:]
    var done: [String: Stamp] = [:]
    var complaints: [String: String] = [:]
    while true {
      let now = stamps()
      for (file, stamp) in now.sorted(by: { $0.key < $1.key }) where seen[file] == stamp && done[file] != stamp {
        let complaint = try await take(file)
        if let complaint, complaint.message != complaints[file] {
          Output.note(TextWidth.printable("anabranch: \(file): \(complaint.message)"))
        }
        complaints[file] = complaint?.message
        if complaint.map({ Self.filesFault.contains($0.code) }) ?? true { done[file] = stamp }
      }
      seen = now
      try await Task.sleep(for: Self.interval)
    }
  }

  /// Failures that stay until the file is another.
  private static let filesFault: Set<AnabranchError.Code> = [.format, .newer, .invalid, .damaged]

  /// Imports one file. Returns why it could not be; throws what ends the watching.
  private func take(_ file: String) async throws -> AnabranchError? {
    let report: ImportReport
    do {
      report = try await options.importHistory(folder + "/" + file)
    } catch let error as AnabranchError {
      return error
    }
    try options.output.print(report) { TextWidth.fit(file, 40) + "  " + ImportText.summary(report, $0) }
    return nil
  }

  private func stamps() -> [String: Stamp] {
    var stamps: [String: Stamp] = [:]
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where !name.hasPrefix(".") {
      let path = folder + "/" + name
      var stamp = Stamp()
      stamp.add(path)
      let inside = FileManager.default.enumerator(atPath: path)
      while let inner = inside?.nextObject() as? String { stamp.add(path + "/" + inner) }
      stamps[name] = stamp
    }
    return stamps
  }
}

extension ImportWatch.Stamp {
  /// Adds the file at `path`, if it is there.
  fileprivate mutating func add(_ path: String) {
    guard let facts = try? FileManager.default.attributesOfItem(atPath: path) else { return }
    bytes &+= (facts[.size] as? NSNumber)?.uint64Value ?? 0
    files += 1
    modified = max(modified, facts[.modificationDate] as? Date ?? .distantPast)
  }
}
