@balancer @needs-PAIR
Feature: Two server switches stand for one

  Background:
    Given two switches, of which the active one says every 1000 ms that it is
    And the service 10.1.0.201:80 to s1, s2, s3

  Scenario Outline: PRISM-HA-02 who comes again after a takeover has the same server: <way>
    Given servers are chosen <way>
    When 20 clients get "GET /a/100", one every 25 ms from 5000 ms on
    And switch 1 is lost after 6000 ms
    And each client comes again from the same port 6000 ms later, and gets "GET /b/100"
    Then each client has the same server both times

    @needs-SRCHASH
    Examples:
      | way            |
      | by source hash |

    @needs-MAGLEV
    Examples:
      | way       |
      | by Maglev |

  Scenario Outline: PRISM-HA-02 connections are open at a takeover: <way>
    Given servers are chosen <way>
    When 20 clients get "GET /a/100", one every 25 ms from 5000 ms on
    And switch 1 is lost after 6000 ms
    And each client gets "GET /b/100" on the same connection after 6000 ms
    Then each client goes on at its server, or is lost, as declared

    @needs-SRCHASH
    Examples:
      | way            |
      | by source hash |

    @needs-MAGLEV
    Examples:
      | way       |
      | by Maglev |

  Scenario: PRISM-HA-03 the active switch is lost
    Given the service 10.1.0.202:80 to s4
    When client 9 asks every 500 ms who has the virtual addresses, from 5250 ms to 13250 ms
    And switch 1 is lost after 7000 ms
    And client 1 gets "GET /a/100" from 10.1.0.201:80 after 6000 ms
    And client 2 gets "GET /a/100" from 10.1.0.201:80 after 12000 ms
    And client 3 gets "GET /a/100" from 10.1.0.202:80 after 12000 ms
    Then the active switch alone has each virtual address, and whoever takes over announces it
    And each client has its answers

  Scenario: PRISM-HA-03 the other switch is lost, and comes back
    When client 9 asks every 500 ms who has the virtual addresses, from 5250 ms to 15250 ms
    And switch 2 is lost after 6000 ms
    And switch 2 is back after 8000 ms
    And client 1 gets "GET /a/100" from 10.1.0.201:80 after 5500 ms
    And client 1 gets "GET /b/100" on the same connection after 8600 ms
    Then the active switch alone has each virtual address, and whoever takes over announces it
    And each client has its answers

  Scenario: PRISM-HA-03 the first switch comes back
    When client 9 asks every 500 ms who has the virtual addresses, from 5250 ms to 24250 ms
    And switch 1 is lost after 6000 ms
    And switch 1 is back after 12000 ms
    And client 1 gets "GET /a/100" from 10.1.0.201:80 after 11000 ms
    And client 2 gets "GET /a/100" from 10.1.0.201:80 after 23000 ms
    Then the active switch alone has each virtual address, and whoever takes over announces it
    And each client has its answers

  Scenario: PRISM-HA-05 the servers have changed twice when the active switch is lost
    When the servers of 10.1.0.201:80 become s1, s2 after 5000 ms
    And the servers of 10.1.0.201:80 become s2, s3, s4 after 5100 ms
    And 12 clients get "GET /a/100", one every 25 ms from 5500 ms on
    And switch 1 is lost after 6000 ms
    And each client comes again from the same port 6000 ms later, and gets "GET /b/100"
    Then the servers of 10.1.0.201:80 alone have answered

  Scenario Outline: PRISM-HA-05 both choose from the servers of now: <way>
    Given servers are chosen <way>
    When the servers of 10.1.0.201:80 become s1, s2 after 5000 ms
    And the servers of 10.1.0.201:80 become s2, s3, s4 after 5100 ms
    And 20 clients get "GET /a/100", one every 25 ms from 5500 ms on
    And switch 1 is lost after 6500 ms
    And each client comes again from the same port 6000 ms later, and gets "GET /b/100"
    Then each client has the same server both times
    And the servers of 10.1.0.201:80 alone have answered

    @needs-SRCHASH
    Examples:
      | way            |
      | by source hash |

    @needs-MAGLEV
    Examples:
      | way       |
      | by Maglev |
