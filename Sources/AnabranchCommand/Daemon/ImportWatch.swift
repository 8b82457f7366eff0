internal import Anabranch
internal import Foundation

/// Imports whatever appears in a folder, until it is interrupted.
///
/// A file is taken once its size and time have stood still from one look to the next, so that a download is not read
/// half-way; one that cannot be read is told of once and tried again when it changes.
struct ImportWatch {
  let options: GlobalOptions
  let folder: String

  private static let interval = Duration.seconds(2)

  private struct Stamp: Hashable {
    let size: UInt64
    let modified: Date?
  }

  func run() async throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
      throw AnabranchError(
        .notFound, "expected a folder to watch, and \(folder) is none", remedy: "give a folder, or leave out --watch")
    }
    Output.note("anabranch: watching \(folder), Ctrl-C ends")
    var seen: [String: Stamp] = [:]
    var done: [String: Stamp] = [:]
    do {
      while true {
        let now = stamps()
        for (file, stamp) in now.sorted(by: { $0.key < $1.key })
        where seen[file] == stamp && done[file] != stamp {
          done[file] = stamp
          await take(file)
        }
        seen = now
        try await Signals.cancelling { try await Task.sleep(for: Self.interval) }
      }
    } catch is CancellationError {
      return
    }
  }

  private func take(_ file: String) async {
    do {
      let report = try await options.importHistory(folder + "/" + file)
      try options.output.print(report) { TextWidth.fit(file, 40) + "  " + ImportText.summary(report, $0) }
    } catch let error as AnabranchError {
      Output.note("anabranch: \(file): \(error.message)")
    } catch {
      Output.note("anabranch: \(file): \(error)")
    }
  }

  private func stamps() -> [String: Stamp] {
    var stamps: [String: Stamp] = [:]
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where !name.hasPrefix(".") {
      guard let facts = try? FileManager.default.attributesOfItem(atPath: folder + "/" + name) else { continue }
      stamps[name] = Stamp(
        size: (facts[.size] as? NSNumber)?.uint64Value ?? 0, modified: facts[.modificationDate] as? Date)
    }
    return stamps
  }
}
