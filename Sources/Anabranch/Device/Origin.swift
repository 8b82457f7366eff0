internal import AnabranchCore
internal import Foundation

internal import struct Crypto.SHA256

/// What tells a database from a copy of it: a note outside of it says on which machine it lies, in which file, and when it was
/// written last, by a random mark that the database has too.
///
/// A copied folder lies in another file; a database that was put back from a copy has an old mark. Either must not go on under
/// numbers that were used since. A whole machine that was set back looks like itself: that only other devices find out.
package struct Origin: Hashable, Sendable {
  /// What the place of the database is called.
  package var place: String
  /// Thirty-two digits.
  package var mark: String

  package init(place: String, mark: String) {
    (self.place, self.mark) = (place, mark)
  }
}

/// Where a replica keeps the ``Origin`` of its database.
package protocol OriginKeeper: Sendable {
  /// What the place is called where the database lies now. Throws where it cannot be looked at.
  func place() throws(AnabranchError) -> String
  /// What was kept last; nil where nothing was, or what is there is none.
  func origin() -> Origin?
  /// Keeps `origin` in place of what was kept. Throws where it cannot, and then either is kept.
  func keep(_ origin: Origin) throws(AnabranchError)
}

/// In a file beside the database.
struct OriginFile: OriginKeeper {
  let home: Home

  /// A hash of the machine's name for itself and of the file's number.
  func place() throws(AnabranchError) -> String {
    var facts = stat()
    guard stat(home.database, &facts) == 0 else {
      throw AnabranchError(
        .io, "\(home.database) cannot be looked at: \(String(cString: strerror(errno)))",
        remedy: "check that it is yours")
    }
    let said = "\(Self.machine)\n\(facts.st_ino)"
    return Hexadecimal.encode(Array(SHA256.hash(data: Array(said.utf8)).prefix(16)))
  }

  func origin() -> Origin? {
    guard let text = try? String(contentsOfFile: home.origin, encoding: .utf8) else { return nil }
    let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
    guard words.count == 3, words[0] == Self.version else { return nil }
    return Origin(place: words[1], mark: words[2])
  }

  /// For its owner's eyes. Where the power fails before that name is on the disk, the database is taken for a copy, which costs
  /// another log and nothing else.
  func keep(_ origin: Origin) throws(AnabranchError) {
    try OwnerFile.replace(
      home.origin, with: Array("\(Self.version) \(origin.place) \(origin.mark)\n".utf8),
      what: "what tells the history from a copy of it")
  }

  private static let version = "anabranch-origin-1"

  /// What the machine calls itself, whatever its network says; empty where it does not.
  private static let machine: String = {
    #if canImport(Darwin)
      var bytes: uuid_t = UUID().uuid
      var wait = timespec()
      return gethostuuid(&bytes, &wait) == 0 ? UUID(uuid: bytes).uuidString : ""
    #else
      return (try? String(contentsOfFile: "/etc/machine-id", encoding: .utf8)) ?? ""
    #endif
  }()
}
