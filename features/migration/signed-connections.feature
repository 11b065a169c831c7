@system
Feature: A connection whose segments are signed is not handed off: the keys do not go with it

  Scenario Outline: PRISM-SEQ-17 a client that says in its SYN that it uses <how> is served by the controller, or not at all
    Given the client says in its SYN that it uses <how>
    When the client sends "GET /a/1000, GET /b/1000"
    Then the connection stays with the controller, or never comes about

    Examples:
      | how     |
      | TCP-MD5 |
      | TCP-AO  |
