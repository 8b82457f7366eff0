internal import Anabranch
internal import AnabranchCore
internal import AnabranchOracle
internal import AnabranchStore
internal import AnabranchWire
internal import SeededRandom

/// What people do with files.
extension Simulation {
  /// Attaches a file to a message, mostly a small one, and now and then one that others attached before; or takes one
  /// from it.
  func attach(_ host: Host, _ random: inout RandomStream) throws {
    guard let conversation = try conversation(host, &random)?.id else { return }
    let messages = try call(host) { try $0.messages(of: conversation).filter { !$0.isPurged } }
    guard let message = random.pick(messages) else { return }
    if let file = random.pick(message.attachments), random.chance(1, in: 4) {
      try call(host) { try $0.detach(file.id) }
      let left = try call(host) { try $0.attachments(of: message.id) }
      guard !left.contains(where: { $0.id == file.id || $0.content == file.content }) else {
        throw Violation(.readYourWrites, "\(host.name) detached \(file.id) and still sees it")
      }
      return
    }
    let count = random.chance(1, in: 6) ? Limits.blockBytes + random.below(Limits.blockBytes) : random.below(6_000)
    let known = random.chance(1, in: 4) ? random.pick(files.keys.sorted()).flatMap { files[$0] } : nil
    let bytes = known ?? random.bytes(count)
    let name = random.words(1...1)
    let file = AttachmentBytes(bytes, name: name)
    let id = try call(host) { try $0.attachAtOnce([file], to: message.id) }.first
    let attached = try call(host) { try $0.attachments(of: message.id) }
    guard let id, let record = attached.first(where: { $0.id == id }), record.presence == .whole,
      let blob = record.content.blob
    else {
      throw Violation(.readYourWrites, "\(host.name) attached a file to \(message.id) and does not see it")
    }
    files[blob] = bytes
    guard try read(id, on: host) == bytes else {
      throw Violation(.readYourWrites, "\(host.name) attached \(bytes.count) bytes and reads others")
    }
    marks.insert(.attached)
  }

  private func read(_ attachment: ObjectID, on host: Host) throws -> [UInt8] {
    try call(host) { replica in
      var all: [UInt8] = []
      try replica.readAtOnce(attachment) { piece throws(AnabranchError) in all += piece }
      return all
    }
  }

  /// Takes a file away for good; false where there is none.
  func purgeFile(of conversation: ObjectID, _ host: Host, _ random: inout RandomStream) throws -> Bool {
    let attachments = try call(host) { try $0.messages(of: conversation).flatMap(\.attachments) }
    guard let file = random.pick(attachments) else { return false }
    let isImmediate = random.chance(1, in: 2)
    try call(host) { try $0.purge(file.id, immediately: isImmediate) }
    guard try !call(host, { try $0.attachments(of: file.message) }).contains(where: { $0.id == file.id }) else {
      throw Violation(.purgedStaysPurged, "\(host.name) purged the file \(file.id) and still sees it")
    }
    marks.insert(.filePurged)
    return true
  }

  /// Every file that is here whole has the bytes that somebody attached.
  func checkFiles(of host: Host, _ store: Store) throws {
    for blob in try store.wholeBlobs(files.keys.sorted()).map(\.blob) {
      var bytes: [UInt8] = []
      for index in 0..<(try store.outline(of: blob)?.blocks.count ?? 0) {
        bytes += try store.block(UInt32(index), of: blob) ?? []
      }
      guard bytes == files[blob] else {
        throw Violation(.corruptionIsDetected, "\(host.name) has \(blob), and its bytes are others than were attached")
      }
      if try !store.wantedBlobs(upTo: .max, excluding: [], limit: 1).contains(blob), !isAttached(blob, by: host) {
        marks.insert(.fetched)
      }
    }
  }

  /// Whether somebody attached those bytes on that machine.
  private func isAttached(_ blob: BlobID, by host: Host) -> Bool {
    ledger.changes.contains { sealed in
      ledger.writers[sealed.change.id.log] == host.number
        && sealed.change.operations.contains { operation in
          operation.envelope.content.bytes.flatMap { AttachmentContent(canonicalBytes: $0) }?.blob == blob
        }
    }
  }

  /// Nothing is left of files that no attachment needs any more because all that did were purged.
  func checkErasedFiles(_ host: Host, _ store: Store, _ oracle: NaiveHistory) throws {
    let additions = oracle.operations.compactMap { applied in
      NaiveHistory.file(applied)?.blob.map { (applied: applied, blob: $0) }
    }
    let needed = Set(additions.filter { !oracle.isTaken($0.applied) }.map(\.blob))
    for blob in Set(additions.map(\.blob)).subtracting(needed).sorted() {
      guard let bytes = files[blob], bytes.count >= Self.tellingBytes else { continue }
      for start in [0, bytes.count / 2, bytes.count - Self.tellingBytes] {
        let piece = Array(bytes[start...].prefix(Self.tellingBytes))
        for file in [Host.database, Host.database + "-wal"]
        where host.disk.holds(piece, in: file, durably: options[.syncLiePpm] == 0) {
          throw Violation(.purgedStaysPurged, "\(host.name) still has bytes of the file \(blob), in \(file)")
        }
      }
    }
  }

  /// So many random bytes are nowhere else.
  private static var tellingBytes: Int { 24 }
}
