internal import AnabranchCore
internal import Foundation

internal import struct Crypto.SHA256

/// What tells a database from a copy of it: a file beside it says on which machine it lies, in which file, and when it was
/// written last, by a random mark that the database has too.
///
/// A copied folder lies in another file; a database that was put back from a copy has an old mark. Either must not go on under
/// numbers that were used since. A whole machine that was set back looks like itself: that only other devices find out.
struct Origin: Hashable {
  /// A hash of the machine's name for itself and of the file's number.
  var place: String
  /// Thirty-two digits.
  var mark: String

  /// Where the database at `path` lies now, with `mark`. Throws where it cannot be looked at.
  init(ofDatabase path: String, mark: String) throws(AnabranchError) {
    var facts = stat()
    guard stat(path, &facts) == 0 else {
      throw AnabranchError(
        .io, "\(path) cannot be looked at: \(String(cString: strerror(errno)))", remedy: "check that it is yours")
    }
    let said = "\(Self.machine)\n\(facts.st_ino)"
    place = Hexadecimal.encode(Array(SHA256.hash(data: Array(said.utf8)).prefix(16)))
    self.mark = mark
  }

  /// What the file at `path` says; nil where there is none, or it says something else.
  init?(at path: String) {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
    let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
    guard words.count == 3, words[0] == Self.version else { return nil }
    (place, mark) = (words[1], words[2])
  }

  /// Puts it into the file at `path`, for its owner's eyes. Where the power fails before that name is on the disk, the database
  /// is taken for a copy, which costs another log and nothing else.
  func write(to path: String) throws(AnabranchError) {
    try OwnerFile.replace(
      path, with: Array("\(Self.version) \(place) \(mark)\n".utf8), what: "what tells the history from a copy of it")
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
