/// What a file holds, told by its structure and never by its name.
enum HistoryShape: Equatable {
  /// Conversations of ChatGPT.
  case chatGPT(ChatGPTReader.Layout)
  /// OASST message trees.
  case oasst
  /// Our own export.
  case ownExport
  /// A list of nothing, which an export of no conversations is.
  case emptyList
  /// JSON, but none of the above.
  case otherJSON
}
