internal import AnabranchCore

/// How entries stand in a file of ours: behind a header, each behind its length and a check of it, so that one which was cut by a
/// crash is told from one that was altered. `docs/format.md` has the layouts, under *Recordings* and *Bundles*.
struct EntryFraming: Sendable {
  /// What a file begins with, the version behind it.
  var magic: [UInt8]
  /// The version of the layout.
  var version: UInt8
  /// What the hash of an entry stands for.
  var domain: Hashing.Domain
  /// Bytes of an entry.
  var entryBytesMax: Int
  /// What people call such a file.
  var name: String

  /// Bytes before an entry: its length, and a part of its hash.
  static let headBytes = 8
  private static let checkBytes = 4

  /// What every file begins with.
  var header: [UInt8] { magic + [version] }

  /// An entry as it stands in a file, its length first.
  func bytes(of body: [UInt8]) -> [UInt8] {
    var writer = ByteWriter(capacity: body.count + Self.headBytes)
    writer.write(fixed: UInt32(clamping: body.count))
    writer.write(check(of: body))
    writer.write(body)
    return writer.bytes
  }

  /// The first bytes of a hash over an entry.
  private func check(of body: [UInt8]) -> ArraySlice<UInt8> {
    Hashing.hash(domain, body[...]).bytes.prefix(Self.checkBytes)
  }

  /// How many bytes the header takes at the beginning of `bytes`; nil where there are too few. Throws where they begin otherwise.
  fileprivate func headerCount(in bytes: ArraySlice<UInt8>) throws(WireError) -> Int? {
    guard magic.starts(with: bytes.prefix(magic.count)) else {
      throw WireError(.invalid, "expected a file that begins with \(String(decoding: magic, as: UTF8.self))")
    }
    guard bytes.count >= header.count else { return nil }
    let found = bytes[bytes.startIndex + magic.count]
    guard found == version else {
      throw WireError(.version, "expected \(name) of version \(version), got \(found)")
    }
    return header.count
  }

  /// The entry at the beginning of `bytes`, without what stands before it; nil where it is not all there.
  fileprivate func entry(in bytes: ArraySlice<UInt8>) throws(WireError) -> [UInt8]? {
    var reader = ByteReader(bytes)
    guard reader.remaining >= Self.headBytes else { return nil }
    let length = Int(try reader.fixed32())
    guard (1...entryBytesMax).contains(length) else {
      throw WireError(.limit, "expected an entry of 1 to \(entryBytesMax) bytes, got \(length)")
    }
    let check = try reader.take(Self.checkBytes)
    guard reader.remaining >= length else { return nil }
    let body = Array(try reader.take(length))
    guard self.check(of: body).elementsEqual(check) else {
      throw WireError(.hash, "expected an entry that is as it was written, got one that was altered")
    }
    return body
  }
}

/// Cuts a file of entries, however it comes in pieces.
///
/// Holds at most one entry and what arrived with it, and refuses a length before reading what it announces. Once it has thrown it
/// throws the same again.
struct EntryDecoder: Sendable {
  private let framing: EntryFraming
  private var buffer: [UInt8] = []
  private var start = 0
  private var failure: WireError?
  private var awaitsHeader: Bool
  /// Where in the file the next entry begins.
  private(set) var position: UInt64

  /// A decoder at the beginning of a file; or, with `position`, in the middle of one, where an entry begins.
  init(_ framing: EntryFraming, at position: UInt64? = nil) {
    self.framing = framing
    (awaitsHeader, self.position) = (position == nil, position ?? 0)
  }

  /// Takes the next bytes of the file; after a failure it drops them. O(bytes).
  mutating func append(_ bytes: [UInt8]) {
    guard failure == nil else { return }
    if start > 0 {
      buffer.removeFirst(start)
      start = 0
    }
    buffer += bytes
  }

  /// How many bytes no entry was made of yet.
  var undecodedBytes: Int {
    buffer.count - start
  }

  /// What `read` makes of the next entry; nil until more bytes come.
  mutating func next<Entry>(_ read: ([UInt8]) throws(WireError) -> Entry) throws(WireError) -> Entry? {
    if let failure { throw failure }
    do throws(WireError) {
      if awaitsHeader {
        guard let count = try framing.headerCount(in: buffer[start...]) else { return nil }
        awaitsHeader = false
        advance(count)
      }
      guard let body = try framing.entry(in: buffer[start...]) else { return nil }
      let entry = try read(body)
      advance(EntryFraming.headBytes + body.count)
      return entry
    } catch {
      failure = error
      (buffer, start) = ([], 0)
      throw error
    }
  }

  private mutating func advance(_ count: Int) {
    start += count
    position &+= UInt64(count)
  }
}
