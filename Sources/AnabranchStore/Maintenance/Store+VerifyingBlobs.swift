internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

extension Store {
  /// What is wrong with the bytes of attached files, with which of them, and how many blocks of them were read: each against its blob's
  /// outline, and that against the blob's name. O(bytes of all files), one block at a time.
  func checkBlobs() throws(StoreError) -> (blocks: Int, faults: [Verification.Fault], damaged: Set<BlobID>) {
    try reading(onlyRows: true) { db in
      var (faults, damaged): ([Verification.Fault], Set<BlobID>) = ([], [])
      func add(_ messages: [String], of attachments: [AttachmentRecord] = []) {
        faults += messages.map { Verification.Fault(part: .files, message: $0, attachments: attachments) }
      }
      let blocks = try Int.fetchOne(db, sql: "SELECT count(*) FROM block") ?? 0
      let ids = try db.all("SELECT id FROM blob WHERE missing >= 0 ORDER BY number") { _ in
      } _: {
        Digest(try $0.bytes(0)).map { BlobID($0) }
      }
      for id in ids {
        guard let id, let row = try BlobRow.fetch(db, id) else {
          add(["a blob has a name that is none"])
          continue
        }
        let found = try self.faults(of: row, id, db)
        guard !found.isEmpty else { continue }
        damaged.insert(id)
        add(found, of: attachments(with: id, db))
      }
      let strangers = try Int64.fetchOne(
        db,
        sql: """
          SELECT count(*) FROM block
          WHERE NOT EXISTS (SELECT 1 FROM blob WHERE number = block.id >> \(BlobRow.indexBits))
          """)
      if let strangers, strangers > 0 { add(["\(strangers) blocks belong to no blob"]) }
      return (blocks, faults, damaged)
    }
  }

  /// So many attachments of one blob are named.
  private static let attachmentsMax = 4

  /// Attachments that need a blob, as far as they can be read.
  private func attachments(with blob: BlobID, _ db: Database) -> [AttachmentRecord] {
    let reader = ContentReader(db, state)
    let operations = try? db.all("SELECT operation FROM attached WHERE blob = ? ORDER BY operation LIMIT ?") {
      $0.add(blob.digest)
      $0.add(Int64(Self.attachmentsMax))
    } _: {
      OperationKey(rawValue: try $0.integer(0))
    }
    return (operations ?? []).compactMap { key in
      guard let message = (try? reader.operation(key))??.operation.envelope.target,
        let object = (try? db.key(of: message, state)) ?? nil
      else { return nil }
      return (try? reader.attachment(key, of: object)) ?? nil
    }
  }

  private func faults(of row: BlobRow, _ id: BlobID, _ db: Database) throws -> [String] {
    let held = try db.blocks(of: row)
    guard row.blocks != nil else {
      return held.isEmpty && row.missing > 0 ? [] : ["blob \(id) has blocks and no hashes of them"]
    }
    guard let outline = row.outline(of: id) else { return ["the hashes of blob \(id) are not its own"] }
    var faults: [String] = []
    for index in held {
      let bytes = try db.first("SELECT bytes FROM block WHERE id = ?") {
        $0.add(row.key(ofBlock: index))
      } _: {
        try $0.bytes(0)
      }
      if !outline.holds((bytes ?? [])[...], at: Int(index)) { faults.append("block \(index) of blob \(id) is damaged") }
    }
    if Int64(outline.blocks.count - held.count) != row.missing {
      faults.append(
        "blob \(id) has \(held.count) of \(outline.blocks.count) blocks, and is said to lack \(row.missing)")
    }
    return faults
  }
}
