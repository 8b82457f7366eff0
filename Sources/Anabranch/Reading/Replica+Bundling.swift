internal import AnabranchCore
internal import AnabranchStore
internal import AnabranchWire
internal import Foundation

/// What is in a bundle: a bug report, a history without anything that was written in it.
public struct BundleSummary: Hashable, Sendable {
  /// The program that wrote it.
  public var program: String
  /// How many logs there are, and how many changes.
  public var (logs, changes): (Int, UInt64)
  /// Contents that were taken away, of which only the shape is left.
  public var contents: UInt64
  /// Conversations that showed; it says of each what.
  public var conversations: UInt64
  /// Bytes of the file.
  public var bytes: UInt64
  /// What a verification of the replica had found, if one was asked for; and of a bundle that is checked, what is wrong with it.
  public var faults: [String]
}

extension Replica {
  /// Writes a bundle of this history into a new file, of mode 0600. What is open and not sealed is left out.
  ///
  /// With `isVerified` the replica is verified too, and what that finds is in the bundle. `progress` is told how many changes of how many
  /// are done. Throws ``AnabranchError/Code/exists`` where the file exists, and ``AnabranchError/Code/damaged`` where the log itself is
  /// damaged, and leaves no file then. The replica's folder is not written to, but for a scratch file without a name while it is verified: of a file that somebody handed over
  /// in the system's folder for temporary files. O(history).
  public func writeBundle(
    to path: String, by program: String, isVerified: Bool = false,
    progress: @Sendable (_ done: UInt64, _ total: UInt64) -> Void = { _, _ in }
  ) throws(AnabranchError) -> BundleSummary {
    // Looked at first, since a verification takes a while.
    let file = try BundleFile(at: path)
    do throws(AnabranchError) {
      let found = isVerified ? try verify(progress: progress).messages : []
      let bits = (0..<4).map { _ in surroundings.random() }
      let key = Digest(head: Bytes16(high: bits[0], low: bits[1]), tail: Bytes16(high: bits[2], low: bits[3]))
      let opened = try withStore { (store) in store.path }
      let faults = found.map { BundleWords.withoutNames($0, of: [opened, home.database, home.path]) }
      let (summary, views) = try withStore { (store) throws(StoreError) in
        let count = try store.bundle(of: program, by: Pseudonyms(key: key), progress: progress) { try file.write($0) }
        let summary = BundleSummary(
          program: program, logs: store.heads.count, changes: count.changes, contents: count.contents,
          conversations: count.conversations, bytes: 0, faults: faults)
        return (summary, count.views)
      }
      for fault in faults { try file.write(.fault(fault)) }
      try file.finish(.end(changes: summary.changes, views: views))
      var whole = summary
      whole.bytes = file.bytes
      return whole
    } catch {
      file.abandon()
      // What the file could not take is what went wrong, however the store tells it.
      throw file.failure ?? error
    }
  }

  /// Checks the bundle at `path`: that it is whole, that its chains, dependencies and signatures hold, and that its history amounts to what
  /// the replica kept. What is wrong is told in the summary.
  ///
  /// The history is put together in a scratch database in the system's folder for temporary files, which is removed. Throws
  /// ``AnabranchError/Code/format`` where the file is no bundle. O(bytes).
  public static func checkBundle(at path: String) throws(AnabranchError) -> BundleSummary {
    let bytes = try BundleFile.bytes(at: path)
    let history: BundledHistory
    do {
      history = try BundledHistory(bytes)
    } catch {
      throw AnabranchError(
        error.code == .version ? .newer : .format, "\(path) is no bundle that can be read: \(error.message)",
        remedy: "give a file that `anabranch inspect bundle` wrote, whole and as it was")
    }
    let scratch = FileManager.default.temporaryDirectory.appending(
      path: "anabranch-bundle-\(UUID().uuidString)", directoryHint: .isDirectory)
    defer { try? FileManager.default.removeItem(at: scratch) }
    do {
      try FileManager.default.createDirectory(
        at: scratch, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
      let store = try Store(at: scratch.appending(path: "history").path(percentEncoded: false), durability: .off)
      let faults = try store.check(history)
      try store.close()
      return BundleSummary(
        program: history.origin.program, logs: history.logs.count, changes: UInt64(history.changes.count),
        contents: UInt64(history.changes.reduce(0) { $0 + $1.change.shapes.count }),
        conversations: UInt64(history.views.count(where: \.isOfConversation)), bytes: UInt64(bytes.count),
        faults: history.faults.map { "the replica's verification: \($0)" } + faults.map(\.words))
    } catch let error as StoreError {
      throw AnabranchError(error)
    } catch {
      throw AnabranchError(
        .io, "the bundle is put together in \(scratch.path(percentEncoded: false)), and that cannot be made: \(error)",
        remedy: "set TMPDIR to a folder that you may write to")
    }
  }
}

/// What a verification found, told to somebody else.
enum BundleWords {
  /// The words without names of files, and without names of blobs, which are hashes of what is in them: `paths` are known to be some.
  static func withoutNames(_ words: String, of paths: [String]) -> String {
    var text = words
    for path in paths where path.count > 1 { text = text.replacing(path, with: "…") }
    return text.split(separator: " ", omittingEmptySubsequences: false).map { word in
      let isName = word.contains("/") || word.count { $0.isHexDigit } > hashDigits
      return isName ? "…" : String(word)
    }.joined(separator: " ")
  }

  /// Digits of the name of a log, or of a conversation: more are of a hash.
  private static let hashDigits = 32
}
