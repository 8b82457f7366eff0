internal import AnabranchCore
package import AnabranchWire
internal import GRDB

/// What a replica shows of its conversations, as a bundle tells it.
extension Store {
  /// Every conversation that has a row, those included that are only referred to, in the order of their keys.
  ///
  /// `naming` gives what stands for something that a person wrote: its pseudonym, or in a replay, where it is one, itself. O(history).
  package func bundledViews(
    naming: @escaping (String, Pseudonyms.Use) -> String
  ) throws(StoreError) -> [BundledView] {
    var views: [BundledView] = []
    for id in try conversationNames() {
      guard let dump = try conversationDump(id) else { continue }
      var parts = dump.parts
      let read = try reading { db in
        guard let key = try db.key(of: id, state), let row = try ConversationRow.fetch(db, key: key) else {
          return [BundledView.Part: Bytes16]()
        }
        let reader = ContentReader(db, state)
        // What is open is no part of what others have.
        reader.openChange = .success(OpenTexts())
        return try reader.parts(of: row, naming)
      }
      parts.merge(read) { first, _ in first }
      views.append(BundledView(id, fingerprint: dump.fingerprint, parts: parts))
    }
    return views
  }
}

extension ConversationDump {
  /// The parts that it has by itself.
  fileprivate var parts: [BundledView.Part: Bytes16] {
    var frame = ViewHash(of: .frame)
    for number in [created, source.map { Int64($0.index) }, messages, updated] { frame.add(number.map { "\($0)" }) }
    frame.add(source.map { ObjectID.native($0).description })
    for flag in [trashed ?? false, purged, hidden] { frame.add(flag ? 1 : 0) }
    var tips = ViewHash(of: .tips)
    tips.add(self.tips.sorted { $0.lexicographicallyPrecedes($1) }) { hash, tip in hash.add(tip) { $0.add($1) } }
    var activity = ViewHash(of: .activity)
    activity.add(self.activity.sorted()) { $0.add(.native($1)) }
    var messages = ViewHash(of: .messages)
    messages.add(rows) { hash, row in hash.add(row) { $0.add($1) } }
    var texts = ViewHash(of: .texts)
    texts.add(self.texts) { $0.add($1) }
    return [
      .frame: frame.hash, .tips: tips.hash, .activity: activity.hash, .messages: messages.hash, .texts: texts.hash,
    ]
  }
}

extension ViewHash {
  /// What is kept of a text, but for what it says.
  fileprivate mutating func add(_ text: TextDump) {
    add(text.object)
    add(text.text.rawValue)
    add(text.root.map { [$0] } ?? []) { $0.add(.native($1)) }
    add((text.version ?? []).sorted()) { $0.add(.native($1)) }
    for number in [text.count, text.operations, text.isEdited ? 1 : 0, text.isWhole ? 1 : 0] { add(number) }
    add(text.countsBefore.sorted { $0.key < $1.key }) { hash, before in
      hash.add(.native(before.key))
      hash.add(before.value ?? -1)
    }
    add(text.absent) { hash, range in
      hash.add(range.lowerBound)
      hash.add(range.upperBound)
    }
  }
}

extension ContentReader {
  /// The parts that are read.
  fileprivate func parts(
    of row: ConversationRow, _ naming: @escaping (String, Pseudonyms.Use) -> String
  ) throws -> [BundledView.Part: Bytes16] {
    var parts: [BundledView.Part: Bytes16] = [.winners: try winners(on: row.key)]
    guard row.exists else { return parts }
    let shape = try shape(of: row.key)
    var order = ViewHash(of: .order)
    order.add(shape.linear) { hash, message in
      for name in [shape.names[message.key], shape.lines[message.key]] { hash.add(name ?? shape.conversation) }
    }
    order.add(shape.tips) { hash, tip in shape.names[tip].map { hash.add($0) } }
    order.add(shape.diverged) { $0.add($1.count) }
    parts[.order] = order.hash
    parts[.values] = ViewHash(of: .values).adding(try conversation(row), naming)
    return parts
  }

  private func winners(on object: ObjectKey) throws -> Bytes16 {
    var hash = ViewHash(of: .winners)
    let registers: [RegisterKind] = [.title, .archived, .pinned, .model, .fields, .name]
    for register in registers {
      hash.add(try db.register(register, of: object, logs).live) { $0.add(.native($1.operation)) }
    }
    for set in [SetKind.tags, .folders] {
      let additions = try db.additions(set, of: object).map { try logs.operation(of: $0) }
      hash.add(additions.sorted()) { $0.add(.native($1)) }
    }
    return hash.hash
  }
}

extension ViewHash {
  /// The hash over what a conversation says: texts by their length, all else by what stands for it.
  fileprivate func adding(
    _ record: ConversationRecord, _ naming: (String, Pseudonyms.Use) -> String
  ) -> Bytes16 {
    var hash = self
    let summary = record.summary
    hash.add(summary.title.map { naming($0, .title) })
    hash.add(summary.model.map { naming($0, .model) })
    hash.add(summary.verbatim.map { naming($0, .verbatim) })
    hash.add(summary.tags.map { naming($0, .tag) }.sorted()) { $0.add($1) }
    hash.add(summary.folders.map { naming($0, .folder) }.sorted()) { $0.add($1) }
    let fields = summary.fields.map { [naming($0.name, .fieldName), naming($0.value, .fieldValue)] }
    hash.add(fields.sorted { $0.lexicographicallyPrecedes($1) }) { hash, field in hash.add(field) { $0.add($1) } }
    for flag in [summary.archived, summary.pinned, summary.trashed] { hash.add(flag ? 1 : 0) }
    for number in [summary.conflicts, record.draft.scalarCount, record.notes.scalarCount] { hash.add(number) }
    hash.add(record.titles) { $0.add($1.text.map { naming($0, .title) }) }
    hash.add(record.messages) { hash, message in
      hash.add(message.content.map { Int($0.text.scalarCount) } ?? -1)
      hash.add(message.content?.author.map { naming($0, .author) })
      hash.add(message.content?.model.map { naming($0, .model) })
      for flag in [message.isEdited, message.isPurged, message.isPinned] { hash.add(flag ? 1 : 0) }
      hash.add(message.attachments) { hash, file in
        hash.add(file.id)
        hash.add(naming(file.content.name, .fileName))
      }
    }
    return hash.hash
  }
}
