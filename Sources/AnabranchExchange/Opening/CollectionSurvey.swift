internal import Anabranch

/// Looks through a folder or an archive for histories, and for what is missing from it.
struct CollectionSurvey {
  /// How much of a file in an archive is looked at before it is unpacked whole: 1 MiB.
  static let beginningBytes = 1 << 20
  /// How much tells whether a file is JSON at all: 256 bytes.
  static let headBytes = 256

  private let collection: any SourceCollection
  private var histories: [(item: CollectionItem, shape: HistoryShape)] = []
  private var emptyLists: [CollectionItem] = []
  private var otherJSON: [CollectionItem] = []
  private var others: [CollectionItem] = []
  private var warnings: [ImportWarning] = []

  /// A reader of all histories in `collection`. Throws `format` if there is none.
  static func open(_ collection: any SourceCollection) throws(AnabranchError) -> any HistoryReader {
    var survey = CollectionSurvey(collection: collection)
    for item in collection.items { try survey.look(at: item) }
    if survey.histories.isEmpty { survey.histories = survey.emptyLists.map { ($0, .chatGPT(.list)) } }
    try survey.findMissing()
    return try survey.chain()
  }

  private init(collection: any SourceCollection) {
    self.collection = collection
  }

  private mutating func look(at item: CollectionItem) throws(AnabranchError) {
    let head = try collection.beginning(of: item, bytesMax: Self.headBytes).prefix(Self.headBytes)
    switch head.first(where: { $0 > 0x20 && ![0xEF, 0xBB, 0xBF].contains($0) }) {
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      do {
        let shape = try shape(of: item)
        switch shape {
        case .chatGPT, .oasst, .ownExport: histories.append((item, shape))
        case .emptyList: emptyLists.append(item)
        case .otherJSON: otherJSON.append(item)
        }
      } catch  where error.code == .format {
        warn(
          "damaged", "\(item.name) begins like JSON but cannot be read, and was left out: \(error.message)")
      }
    case UInt8(ascii: "<"): break
    default: others.append(item)
    }
  }

  private func shape(of item: CollectionItem) throws(AnabranchError) -> HistoryShape {
    let beginning = try collection.beginning(of: item, bytesMax: Self.beginningBytes)
    do {
      return try ShapeReader.shape(of: beginning)
    } catch {
      guard error.code == .format, beginning.count < item.bytes else { throw error }
      return try ShapeReader.shape(of: collection.source(of: item))
    }
  }

  /// Shards that a manifest lists, or that the numbering passes over.
  private mutating func findMissing() throws(AnabranchError) {
    var listed: [String] = []
    for item in otherJSON where item.bytes <= Self.beginningBytes {
      let source = try collection.beginning(of: item, bytesMax: Self.beginningBytes)
      listed += ShardNames.named(in: source)
    }
    let present = collection.items.map { String($0.lastName) }
    let found = histories.map { String($0.item.lastName) }
    for name in ShardNames.missing(listed: listed, found: found, present: present) {
      warn("missing-shard", "a part of the export, \(name), is missing; its conversations were not imported")
    }
  }

  private func chain() throws(AnabranchError) -> any HistoryReader {
    guard !histories.isEmpty else {
      let damaged = warnings.first.map { "; " + $0.message } ?? ""
      throw AnabranchError(
        .format,
        "\(collection.name) holds no conversations: a ChatGPT export, OASST trees or an export of anabranch "
          + "was expected, and none of its \(collection.items.count) files is one\(damaged)",
        remedy: "give the zip or the folder of an export, or the file with the conversations")
    }
    let parts = histories.map { [collection] history in
      HistoryChain.Part(name: history.item.name, bytes: history.item.bytes) { () throws(AnabranchError) in
        try HistoryFile.reader(of: collection.source(of: history.item), history.shape, history.item.name)
      }
    }
    let files = CollectionFiles(collection, without: histories.map(\.item))
    return HistoryChain(parts, warnings: warnings, files: files, others: others)
  }

  private mutating func warn(_ code: String, _ message: String) {
    warnings.append(ImportWarning(code: code, message: message, skipped: true))
  }
}
