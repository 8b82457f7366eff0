import Anabranch
import Testing

@testable import AnabranchExchange

@Suite struct ContentReaderTests {
  @Test(arguments: [
    (#"{"content_type":"text","parts":["one"]}"#, "one", nil),
    (#"{"parts":["one"],"content_type":"text"}"#, "one", nil),
    (#"{"content_type":"text","parts":["one","","zwö"]}"#, "one\n\nzwö", #"{"parts":[3,0,4]}"#),
    (#"{"content_type":"text","parts":[]}"#, "", nil),
    (#"{"content_type":"text","text":"old"}"#, "old", #"{"content_type":"text"}"#),
    (
      #"{"content_type":"multimodal_text","parts":["see",{"content_type":"image_asset_pointer","asset_pointer":"file-1"},{"content_type":"audio_transcription","text":"said"},null,{"new":1}]}"#,
      "see\n\n[image]\n\nsaid\n\n[part]",
      #"{"content_type":"multimodal_text","parts":[3,{"asset_pointer":"file-1","content_type":"image_asset_pointer"},{"content_type":"audio_transcription","text":"said"},null,{"new":1}]}"#
    ),
    (
      #"{"content_type":"code","language":"python","text":"x = 1"}"#, "x = 1",
      #"{"content_type":"code","language":"python"}"#
    ),
    (#"{"content_type":"execution_output","text":"1"}"#, "1", #"{"content_type":"execution_output"}"#),
    (
      #"{"content_type":"tether_quote","url":"http://u","domain":"u","text":"quoted","title":"T"}"#,
      "T\nhttp://u\n\nquoted",
      #"{"content_type":"tether_quote","domain":"u","title":"T","url":"http://u"}"#
    ),
    (
      #"{"content_type":"tether_browsing_display","result":"found","summary":null,"assets":[]}"#, "found",
      #"{"assets":[],"content_type":"tether_browsing_display","summary":null}"#
    ),
    (
      #"{"content_type":"thoughts","thoughts":[{"summary":"S","content":"C","finished":true},{"content":"D"}],"source":"x"}"#,
      "S\n\nC\n\nD",
      #"{"content_type":"thoughts","source":"x","thoughts":[{"content":"C","finished":true,"summary":"S"},{"content":"D"}]}"#
    ),
    (
      #"{"content_type":"reasoning_recap","content":"Thought for 3 s"}"#, "Thought for 3 s",
      #"{"content_type":"reasoning_recap"}"#
    ),
    (
      #"{"content_type":"user_editable_context","user_profile":"P","user_instructions":"I"}"#, "P\n\nI",
      #"{"content_type":"user_editable_context","user_instructions":"I","user_profile":"P"}"#
    ),
    (
      #"{"content_type":"system_error","name":"E","text":"failed"}"#, "E: failed",
      #"{"content_type":"system_error","name":"E","text":"failed"}"#
    ),
    (
      #"{"content_type":"hologram","data":{"b":1,"a":2}}"#, "[hologram]",
      #"{"content_type":"hologram","data":{"a":2,"b":1}}"#
    ),
    (
      #"{"content_type":"song","parts":["la",1]}"#, "la\n\n[part]",
      #"{"content_type":"song","parts":["la",1]}"#
    ),
    (#"{"content_type":"note","summary":"brief"}"#, "brief", #"{"content_type":"note","summary":"brief"}"#),
    (#""bare""#, "bare", nil), ("7", "", "7"), (#"["a","b"]"#, "a\n\nb", #"{"parts":[1,1]}"#),
    ("{}", "", nil),
  ])
  func everyTypeIsReadable(json: String, text: String, verbatim: String?) throws {
    for windowBytes in [1, 256] {
      let reader = JSONReader(MemorySource(Array(json.utf8)), windowBytes: windowBytes)
      let content = try ChatGPTContentReader.read(reader)
      try reader.end()
      #expect(content.text == text)
      #expect(content.verbatim.map { String(decoding: $0, as: UTF8.self) } == verbatim)
      #expect(content.isPresent)
    }
  }
}
