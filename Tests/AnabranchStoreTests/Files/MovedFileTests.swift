import AnabranchCore
import AnabranchTestSupport
import Foundation
import Testing

@testable import AnabranchStore

/// A file that is put in the place of a database in use.
@Suite struct MovedFileTests {
  @Test(arguments: [false, true]) func whatIsPutInItsPlaceIsNotMixedWithIt(isWrittenOnce: Bool) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("history.sqlite")
    var author = try Author(Store(at: path))
    let conversation = try author.start("older")
    try author.store.close()
    try FileManager.default.copyItem(atPath: path, toPath: folder.file("older"))

    author = try Author(with: Store(at: path), seed: 2)
    for number in 0..<200 { _ = try author.say("said in vain \(number)", in: author.start("in vain \(number)")) }
    let bytes = try FileManager.default.attributesOfItem(atPath: path + "-wal")[.size] as? Int
    #expect(bytes ?? 0 > 0, "the write-ahead log has something in it")
    #expect(rename(folder.file("older"), path) == 0)
    if isWrittenOnce {
      let error = #expect(throws: StoreError.self) { try author.title(conversation, "nobody would find this") }
      #expect(error?.message.contains("another file was put in its place") == true)
      // What is there already would be read with what is left of the other one.
      #expect(try Store(at: path, access: .read).summary(of: conversation)?.title == "older")
    }
    try author.store.close()
    try author.store.close()

    let store = try Store(at: path)
    #expect(try store.conversations().map(\.title) == ["older"])
    #expect(try store.verify(scratch: folder.file("scratch")).faults == [])
  }
}
