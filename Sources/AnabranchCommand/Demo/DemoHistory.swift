/// The history that the demonstration imports: a small export in the shape of ChatGPT's, written for it.
enum DemoHistory {
  /// The conversation that the demonstration goes on with.
  static let title = "Three days in Lisbon"

  /// The export, as a `conversations.json`.
  static let json = """
    [
      {
        "id": "lisbon", "title": "Three days in Lisbon",
        "create_time": 1718000000.0, "update_time": 1718000300.0, "current_node": "l4",
        "default_model_slug": "gpt-4o",
        "mapping": {
          "root": {"id": "root", "parent": null, "children": ["l1"], "message": null},
          "l1": {"id": "l1", "parent": "root", "children": ["l2", "l2b"], "message": {
            "id": "l1", "author": {"role": "user"}, "create_time": 1718000000.0,
            "content": {"content_type": "text", "parts": ["Three days in Lisbon in October. Where should we stay?"]}}},
          "l2": {"id": "l2", "parent": "l1", "children": [], "message": {
            "id": "l2", "author": {"role": "assistant"}, "create_time": 1718000060.0,
            "metadata": {"model_slug": "gpt-4o"},
            "content": {"content_type": "text", "parts": ["Baixa is flat and central, but it is all hotels."]}}},
          "l2b": {"id": "l2b", "parent": "l1", "children": ["l3"], "message": {
            "id": "l2b", "author": {"role": "assistant"}, "create_time": 1718000090.0,
            "metadata": {"model_slug": "gpt-4o"},
            "content": {"content_type": "text", "parts": ["Alfama: steep lanes, fado at night, the river below."]}}},
          "l3": {"id": "l3", "parent": "l2b", "children": ["l4"], "message": {
            "id": "l3", "author": {"role": "user"}, "create_time": 1718000200.0,
            "content": {"content_type": "text", "parts": ["Alfama it is. One dish we must not miss?"]}}},
          "l4": {"id": "l4", "parent": "l3", "children": [], "message": {
            "id": "l4", "author": {"role": "assistant"}, "create_time": 1718000300.0,
            "metadata": {"model_slug": "gpt-4o"},
            "content": {"content_type": "text", "parts": ["Bacalhau à Brás, late, where the neighbours eat."]}}}
        }
      },
      {
        "id": "regex", "title": "A regular expression for dates",
        "create_time": 1717000000.0, "update_time": 1717000030.0, "current_node": "r2",
        "mapping": {
          "r1": {"id": "r1", "parent": null, "children": ["r2"], "message": {
            "id": "r1", "author": {"role": "user"}, "create_time": 1717000000.0,
            "content": {"content_type": "text", "parts": ["A regular expression for dates like 2024-06-10?"]}}},
          "r2": {"id": "r2", "parent": "r1", "children": [], "message": {
            "id": "r2", "author": {"role": "assistant"}, "create_time": 1717000030.0,
            "content": {"content_type": "text", "parts": ["[0-9]{4}-[0-9]{2}-[0-9]{2}"]}}}
        }
      },
      {
        "id": "haiku", "title": "東京の秋の俳句",
        "create_time": 1716000000.0, "update_time": 1716000040.0, "current_node": "h2",
        "mapping": {
          "h1": {"id": "h1", "parent": null, "children": ["h2"], "message": {
            "id": "h1", "author": {"role": "user"}, "create_time": 1716000000.0,
            "content": {"content_type": "text", "parts": ["東京の秋の俳句を一つください。"]}}},
          "h2": {"id": "h2", "parent": "h1", "children": [], "message": {
            "id": "h2", "author": {"role": "assistant"}, "create_time": 1716000040.0,
            "content": {"content_type": "text", "parts": ["銀杏散る\\nビルの谷間に\\n風ひとつ"]}}}
        }
      }
    ]
    """
}
