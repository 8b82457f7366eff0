import Anabranch
import AnabranchCore
import Testing

@testable import AnabranchExchange

@Suite struct ChatGPTReaderTests {
  @Test func everythingOfARichConversationIsRead() throws {
    let reading = try Reading.chatGPT(Exports.rich)
    #expect(reading.warnings == [])
    var expected = SourceConversation(source: "chatgpt", id: "c1")
    expected.title = "Rivers"
    expected.created = 1_700_000_000_500
    expected.updated = 1_700_000_009_000
    expected.current = "c"
    expected.archived = true
    expected.verbatim = #"{"voice":null}"#
    #expect(reading.conversations == [expected])
    #expect(reading.outline == ["a<", "b<a", "c<b", "d<b+"])
    let code = try #require(reading.messages.first)
    #expect(code.role == .tool && code.author == "browser" && code.model == "m-1" && code.created == nil)
    #expect(code.text == "print(1)")
    #expect(
      code.verbatim
        == #"{"content":{"content_type":"code","language":"python"},"metadata":{"a":[1.50,{"x":true,"y":null}],"z":1},"weight":1.0}"#
    )
    #expect(reading.messages[1].text == #"one "quoted""# && reading.messages[1].verbatim == nil)
    #expect(reading.messages[2].text == "Grüße, 世界" && reading.messages[2].created == 1_700_000_002_123)
    #expect(
      Array(reading.messages[3].text.utf8) == Array("two\n\u{0}😀".utf8)
        && reading.messages[3].role == .assistant)
  }

  @Test func windowsOfAnySizeGiveTheSame() throws {
    let whole = try Reading.chatGPT(Exports.rich)
    for windowBytes in [1, 2, 3, 17] {
      let bytes = Array(Exports.rich.utf8)
      let small = ChatGPTReader(MemorySource(bytes), layout: .list, windowBytes: windowBytes)
      #expect(try Reading(small) == whole)
      #expect(try Reading(ChatGPTReader(DripSource(bytes), layout: .list, windowBytes: windowBytes)) == whole)
    }
  }

  @Test func layoutsGiveTheSame() throws {
    let conversation = Exports.conversation(Exports.node("a", parent: nil))
    let list = try Reading.chatGPT("[\(conversation)]")
    #expect(list.messages.count == 1)
    #expect(
      try Reading.chatGPT(#"{"before":[1],"conversations":[\#(conversation)],"after":{}}"#, layout: .wrapped)
        == list)
    #expect(try Reading.chatGPT(conversation, layout: .single) == list)
    #expect(try Reading.chatGPT("\u{FEFF}[\(conversation)]\n") == list)
  }

  @Test func nodesWithoutMessagesArePassedOver() throws {
    let nodes = [
      Exports.node("r", parent: nil, children: ["a"], message: "null"),
      Exports.node("a", parent: "r", children: ["gap", "x"]),
      Exports.node("gap", parent: "a", children: ["b", "c"], message: "null"),
      Exports.node("b", parent: "gap"),
      Exports.node("c", parent: "gap"), Exports.node("x", parent: "a"),
    ].joined(separator: ",")
    let reading = try Reading.chatGPT(Exports.list(nodes, fields: #""current_node":"gap","#))
    #expect(reading.outline == ["a<", "b<a", "c<a+", "x<a+"])
    #expect(reading.codes == ["null-message"])
    #expect(!reading.warnings[0].skipped && reading.conversations[0].current == "a")
  }

  @Test func severalBeginningsAreLinesOfTheirOwn() throws {
    let nodes = [
      Exports.node("b", parent: nil, time: "2"), Exports.node("c", parent: nil, time: "3"),
      Exports.node("a", parent: nil, time: "1"),
    ]
    #expect(try Reading.chatGPT(Exports.list(nodes.joined(separator: ","))).outline == ["a<", "b<+", "c<+"])
    let below = Exports.node("r", parent: nil, children: ["c", "b", "a"], message: "null")
    #expect(
      try Reading.chatGPT(Exports.list((nodes + [below]).joined(separator: ","))).outline == [
        "c<", "b<+", "a<+",
      ])
  }

  @Test func missingChildrenAreRebuilt() throws {
    let nodes = [
      Exports.node("y", parent: "a", children: nil, time: "2"),
      Exports.node("x", parent: "a", children: nil, time: "3"),
      Exports.node("a", parent: nil, children: nil),
    ].joined(separator: ",")
    let reading = try Reading.chatGPT(Exports.list(nodes))
    #expect(reading.outline == ["a<", "y<a", "x<a+"])
    #expect(reading.warnings == [])
  }

  @Test(arguments: [
    (
      #"[{"id":"c","title":null,"create_time":null,"update_time":null,"current_node":null}]"#,
      ["missing-mapping"], 0
    ),
    (#"[{"id":"c","mapping":null}]"#, ["missing-mapping"], 0),
    (#"[{"id":"c","mapping":[1]}]"#, ["missing-mapping"], 0),
    (#"[{"id":"c","mapping":{}}]"#, [], 0),
    (#"[{"id":"c","mapping":{"a":null,"b":7,"c":{"message":5}}}]"#, ["not-a-node", "not-a-message"], 0),
    (
      #"[{"id":"c","mapping":{"a":{"message":{"author":{"role":"user"},"content":"x"}}},"current_node":"gone"}]"#,
      ["missing-current"], 1
    ),
    (#"[{"id":"c","mapping":{"a":{"message":{}}}}]"#, ["unknown-role", "missing-content"], 1),
    (#"[{"mapping":{"a":{"message":{"author":{"role":"user"},"content":["x"]}}}}]"#, ["missing-id"], 1),
    (
      #"[{"id":"c","create_time":1e300,"mapping":{"a":{"message":{"author":{"role":"critic"},"create_time":"soon","content":"x"}}}}]"#,
      ["bad-time", "unknown-role"], 1
    ),
    (
      #"[{"id":"c","mapping":{"a":{"message":{"author":{"role":"user"},"content":{"parts":["\ud800 \udc00"]}}}}}]"#,
      ["lone-surrogate"], 1
    ),
    (#"[5,null,{"id":"c","mapping":{}}]"#, ["not-a-conversation", "not-a-conversation"], 0),
    (
      #"[{"id":"c","mapping":{"a":{"parent":"b"},"b":{"parent":"a","message":{"author":{"role":"user"},"content":"x"}}}}]"#,
      ["cycle"], 1
    ),
    (
      #"[{"id":"c","mapping":{"a":{"message":{"content":"1"}},"a":{"message":{"author":{"role":"user"},"content":"2"}}}}]"#,
      ["duplicate-node"], 1
    ),
  ])
  func odditiesAreToldOfAndImportedAsFarAsItGoes(json: String, codes: [String], messages: Int) throws {
    let reading = try Reading.chatGPT(json)
    #expect(reading.conversations.count == 1)
    #expect(reading.codes == codes)
    #expect(reading.messages.count == messages)
  }

  @Test func whatIsOfAnotherKindThanExpectedIsKept() throws {
    let json =
      #"[{"id":"c","conversation_id":7,"title":["t"],"is_archived":"yes","create_time":{"s":1},"mapping":{"a":{"id":"other","extra":{"k":1},"message":{"id":"m9","author":"user","content":5,"metadata":[1],"create_time":1e99}}}}]"#
    let reading = try Reading.chatGPT(json)
    #expect(
      reading.conversations[0].verbatim
        == #"{"conversation_id":7,"create_time":{"s":1},"is_archived":"yes","mapping":{"a":{"extra":{"k":1},"id":"other"}},"title":["t"]}"#
    )
    #expect(reading.messages[0].verbatim == #"{"content":5,"create_time":1e99,"id":"m9","metadata":[1]}"#)
    #expect(reading.messages[0].role == .user)
  }

  @Test func madeUpNamesAreTheSameInEveryExport() throws {
    let first = #"{"mapping":{"r":{},"m1":{"parent":"r","message":{"content":"x"}}},"create_time":5}"#
    let later =
      #"{"create_time":5.0,"title":"new","mapping":{"m2":{"parent":"m1","message":{"content":"y"}},"m1":{"parent":"r","message":{"content":"x"}},"r":{"children":["m1"]}}}"#
    let ids = try Reading.chatGPT("[\(first),\(first)]").conversations.map(\.id)
    #expect(ids == ["derived-5000-m1", "derived-5000-m1-2"])
    #expect(try Reading.chatGPT("[\(later)]").conversations.map(\.id) == [ids[0]])
  }

  @Test func aDamagedMessageTakesNoOtherWithIt() throws {
    let nodes = [
      Exports.node("a", parent: nil, children: ["b"]),
      Exports.node("b", parent: "a", children: ["c", "d"], message: "{\"x\":tru}"),
      Exports.node("c", parent: "b"), Exports.node("d", parent: "b"),
    ].joined(separator: ",")
    let reading = try Reading.chatGPT(Exports.list(nodes))
    #expect(reading.outline == ["a<", "c<a", "d<a+"])
    #expect(reading.codes == ["damaged-message"] && reading.warnings[0].skipped)
  }

  @Test func keysInAnotherOrderMakeTheSameHistory() throws {
    let one =
      #"[{"id":"c","b":{"y":1,"x":2},"a":1,"mapping":{"n":{"message":{"weight":1,"status":"s","author":{"role":"user","metadata":{"q":1,"p":2}},"content":{"parts":["t",{"b":1,"a":2}],"content_type":"multimodal_text"}}}}}]"#
    let other =
      #"[{"mapping":{"n":{"message":{"content":{"content_type":"multimodal_text","parts":["t",{"a":2,"b":1}]},"author":{"metadata":{"p":2,"q":1},"role":"user"},"status":"s","weight":1}}},"a":1,"b":{"x":2,"y":1},"id":"c"}]"#
    #expect(try Reading.chatGPT(one) == Reading.chatGPT(other))
  }
}
