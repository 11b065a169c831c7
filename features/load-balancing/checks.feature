@balancer
Feature: A server switch checks servers

  Scenario Outline: PRISM-HC-01 a server that is <state> is not chosen, where it is checked <way>
    Given the service 10.1.0.201:80 to s1, s2, s3
    And servers are checked <way> every 1000 ms, and are out after 3 bad results, back after 2 good ones
    When server s1 is <state> after 3000 ms
    And 6 clients get "GET /a/100", one every 100 ms from 8000 ms on
    Then s2, s3 answer all who come after 8000 ms, each of them some

    Examples:
      | state | way           |
      | dead  | by connecting |
      | dead  | by HTTP       |
      | sick  | by HTTP       |

  Scenario: PRISM-HC-01 what an answer says is not looked at where servers are checked by connecting
    Given the service 10.1.0.201:80 to s1, s2, s3
    And servers are checked by connecting every 1000 ms, and are out after 3 bad results, back after 2 good ones
    When server s1 is sick after 3000 ms
    And 6 clients get "GET /a/100", one every 100 ms from 8000 ms on
    Then s1, s2, s3 answer all who come after 8000 ms, each of them some

  Scenario: PRISM-HC-02 a server is sick for a shorter time than takes it out, again and again
    Given the service 10.1.0.201:80 to s1, s2, s3
    And servers are checked by HTTP every 1000 ms, and are out after 3 bad results, back after 2 good ones
    When server s1 is sick after 3000 ms
    And server s1 is up after 4700 ms
    And server s1 is sick after 6400 ms
    And server s1 is up after 8100 ms
    And 60 clients get "GET /a/100", one every 100 ms from 4000 ms on
    Then of each 3 clients in a row s1 1, s2 1, s3 1 are answered by these

  Scenario: PRISM-HC-02 a server comes back when it has been good for long enough
    Given the service 10.1.0.201:80 to s1, s2, s3
    And servers are checked by HTTP every 1000 ms, and are out after 2 bad results, back after 3 good ones
    When server s1 is sick after 3000 ms
    And server s1 is up after 7000 ms
    And server s1 is sick after 8700 ms
    And server s1 is up after 11000 ms
    And 12 clients get "GET /a/100", one every 50 ms from 8800 ms on
    And 6 clients get "GET /b/100", one every 100 ms from 15000 ms on
    Then s2, s3 answer all who come between 8800 and 11000 ms, each of them some
    And s1, s2, s3 answer all who come after 15000 ms, each of them some

  Scenario: PRISM-HC-03 a server is taken out in time, and not before its time
    Given the service 10.1.0.201:80 to s1, s2, s3
    And servers are checked by HTTP every 1000 ms, and are out after 3 bad results, back after 2 good ones
    When server s1 is sick after 4000 ms
    And 60 clients get "GET /a/100", one every 100 ms from 4000 ms on
    Then s1, s2, s3 answer all who come between 4000 and 5700 ms, each of them some
    And s1 is still chosen after 5200 ms
    And s2, s3 answer all who come after 7800 ms, each of them some

  Scenario: PRISM-HC-03 a server is brought back in time, and not before its time
    Given the service 10.1.0.201:80 to s1, s2, s3
    And servers are checked by HTTP every 1000 ms, and are out after 2 bad results, back after 4 good ones
    When server s1 is sick after 3000 ms
    And server s1 is up after 8000 ms
    And 80 clients get "GET /a/100", one every 100 ms from 7000 ms on
    Then s2, s3 answer all who come between 7000 and 10700 ms, each of them some
    And s1, s2, s3 answer all who come after 12800 ms, each of them some

  Scenario: PRISM-HC-07 a server fails its checks while a connection is open
    Given the service 10.1.0.201:80 to s1
    And servers are checked by HTTP every 500 ms, and are out after 2 bad results, back after 2 good ones
    When client 1 gets "GET /a/100" after 2000 ms
    And server s1 is sick after 3000 ms
    And client 1 gets "GET /b/100" on the same connection after 4000 ms
    Then client 1 has its answers, or is reset, as declared for servers that are down

  Scenario Outline: PRISM-HC-08 checks <way> take no turns
    Given the service 10.1.0.201:80 to s1, s2, s3
    And servers are checked <way> every 100 ms, and are out after 10 bad results, back after 2 good ones
    When 12 clients get "GET /a/100", one every 230 ms from 500 ms on
    Then of each 3 clients in a row s1 1, s2 1, s3 1 are answered by these

    Examples:
      | way           |
      | by connecting |
      | by HTTP       |

  Scenario: PRISM-HC-09 a server accepts connections and is silent
    Given the service 10.1.0.201:80 to s1, s2, s3
    And servers are checked by HTTP every 1000 ms, and are out after 2 bad results, back after 2 good ones
    When server s1 is hung after 3000 ms
    And 6 clients get "GET /a/100", one every 100 ms from 8000 ms on
    Then s2, s3 answer all who come after 8000 ms, each of them some

  Scenario Outline: PRISM-HC-10 servers are probed <way> where clients would reach them
    Given the service 10.1.0.201:80 by direct return to s1, s2, s3
    And servers are checked <way> every 500 ms, and are out after 2 bad results, back after 2 good ones
    When client 1 gets "GET /a/100" after 2000 ms
    Then servers are probed at 10.1.0.201
    And client 1 has its answers

    Examples:
      | way           |
      | by connecting |
      | by HTTP       |
