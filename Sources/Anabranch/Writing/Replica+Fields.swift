public import AnabranchCore
internal import AnabranchStore
internal import AnabranchWire

/// What people keep under names of their own.
extension Replica {
  /// Keeps `value` under a name of one's own at a conversation; nil takes it away. It replaces every value under that
  /// name that is seen here.
  public func setField(_ name: String, to value: String?, of conversation: ObjectID) throws(AnabranchError) {
    try checkExists(conversation)
    try setField(name, to: value, of: conversation, notifying: conversation)
  }

  /// Sets something that all devices share, under any name; nil takes it away. Throws ``AnabranchError/Code/invalid``
  /// where ``trashDaysSetting`` is to be no number of days, or ``fetchSetting`` no rule.
  public func setSetting(_ name: String, to value: String?) throws(AnabranchError) {
    if name == Self.trashDaysSetting, let value, Int32(value).map({ $0 < 1 }) ?? true {
      throw AnabranchError(
        .invalid, "expected a number of days from 1 on, got “\(value)”",
        remedy: "take the setting away and nothing goes by itself")
    }
    try Self.checkFetchRule(name, value)
    try setField(name, to: value, of: .settings, notifying: nil)
    if name == Self.fetchSetting { wantBlobs() }
  }

  /// What is set for all devices, in ascending order of the names' UTF-8 bytes.
  public func settings() throws(AnabranchError) -> [FieldRecord] {
    try withStore { (store) throws(StoreError) in try store.fields(of: .settings) }
  }

  /// Sets something on this device alone, under any name: it never leaves it. Nil takes it away.
  public func setLocalSetting(_ name: String, to value: String?) throws(AnabranchError) {
    try checkField(name, value)
    try Self.checkFetchRule(name, value)
    _ = try deviceKey()
    try withStore { (store) throws(StoreError) in try store.setPreference(name, to: value) }
    if name == Self.fetchSetting { wantBlobs() }
  }

  /// What is set on this device alone, in ascending order of the names' UTF-8 bytes.
  public func localSettings() throws(AnabranchError) -> [FieldRecord] {
    try withStore { (store) throws(StoreError) in try store.preferences() }
  }

  private func setField(
    _ name: String, to value: String?, of object: ObjectID, notifying conversation: ObjectID?
  ) throws(AnabranchError) {
    try checkField(name, value)
    let field = FieldContent(name: name, value: value).canonicalBytes
    let isChanged = try write { (writer, store) throws(StoreError) in
      let seen = try store.writes(of: name, on: object)
      guard value != nil || !seen.isEmpty else { return false }
      try writer.addRegister(.fields, field, on: object, replacing: seen)
      _ = try writer.flush()
      return true
    }
    if isChanged { notify(conversation.map { [$0] } ?? []) }
  }

  private func checkField(_ name: String, _ value: String?) throws(AnabranchError) {
    guard !name.allSatisfy(\.isWhitespace), !name.contains(where: \.isNewline) else {
      throw AnabranchError(.invalid, "expected a name in one line", remedy: "choose another one")
    }
    try checkLength(Array(name.utf8))
    try checkLength(Array((value ?? "").utf8))
  }
}

/// How far conversations were read.
extension Replica {
  /// Notes that a person has read a conversation, as far as it is here: on all their devices. No change where that was
  /// noted before.
  public func markRead(_ conversation: ObjectID) throws(AnabranchError) {
    try checkExists(conversation)
    let isChanged = try write { (writer, store) throws(StoreError) in
      let messages = try store.lastMessages(in: conversation)
      guard !messages.isEmpty else { return false }
      try writer.add(
        Draft(kind: .markRead, target: conversation, mutation: .markRead(MarkRead(messages: messages))))
      _ = try writer.flush()
      return true
    }
    if isChanged { notify([conversation]) }
  }
}
