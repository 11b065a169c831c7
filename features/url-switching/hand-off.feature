@balancer @needs-HTTP @needs-HANDOFF
Feature: A URL switch hands connections to servers

  Scenario: PRISM-LARD-10 a long answer comes from the server itself
    Given the service 10.1.0.201:80 by HTTP to s1, s2, s3
    When client 1 gets "GET /a/30001"
    And client 2 gets "GET /b/30001" after 50 ms
    And client 3 gets "POST /c/30001 with 20001 octets" after 100 ms
    Then each request is answered by its pool, in order
    And client 1 sees one connection from its SYN on
    And client 2 sees one connection from its SYN on
    And client 3 sees one connection from its SYN on
    And the segments of client 1 reach the server that answers it
    And the segments of client 2 reach the server that answers it
    And the segments of client 3 reach the server that answers it

  Scenario: PRISM-LARD-11 requests at once are for several servers
    Given the service 10.1.0.201:80 by HTTP to s4
    And requests beginning with /static/ go to s1
    And requests ending in .php go to s2
    When client 1 gets "GET /static/20001, GET /a/20001/x.php, GET /b/20001"
    Then client 1 is answered by s1, s2, s4
    And client 1 sees one connection from its SYN on
    And the segments of client 1 reach several of the servers that answer it
