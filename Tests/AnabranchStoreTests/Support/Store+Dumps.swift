import AnabranchCore

@testable import AnabranchStore

extension Store {
  /// Every conversation's rows.
  func conversationDumps() throws -> [ObjectID: ConversationDump] {
    var dumps: [ObjectID: ConversationDump] = [:]
    for id in try conversationNames() { dumps[id] = try conversationDump(id) }
    return dumps
  }
}
